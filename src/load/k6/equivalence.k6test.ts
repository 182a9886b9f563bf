import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { faultline, SHORT, settings, UNHURRIED } from '../../cli/testing/live-sandbox.ts';
import type { RunResult } from '../../model/result.ts';

/** Pairs of runs; more of them make a disagreement that is rare more likely to be seen. */
const REPEATS = Number(process.env.FAULTLINE_REPEATS ?? 2);
const SCENARIO = fileURLToPath(new URL('../../../scenarios/service-failover.yaml', import.meta.url));

/** What both engines must say of the same outage, word for word. */
function judgement({ verdict, status, findings, ladders, recoveries }: RunResult): object {
  return {
    verdict,
    status,
    findings: findings.map((finding) => `${finding.id} ${finding.verdict}`),
    ladders: ladders.map(({ service, fromZone, stage, rungs }) => ({
      service,
      fromZone,
      stage,
      rungs: rungs.map(({ place, state }) => ({ place, state })),
    })),
    recoveries: recoveries.map(({ path, state }) => ({ path, state })),
  };
}

/** Why a run was not what it should be, for whoever reads a failure. */
function doubts({ statusReason, findings }: RunResult): string {
  const open = findings.filter(({ verdict }) => verdict !== 'pass');
  return [statusReason, ...open.map(({ id, story, cause }) => `${id}: ${story} ${cause ?? ''}`)].join('\n');
}

/** The sandbox takes this much more or less from the loss of a pod to the first bad request, in milliseconds. */
const ONSET_BLUR = 100;

/**
 * Outages of one path whose lengths do not overlap, in milliseconds from the first bad request; and those whose beginnings,
 * from the fault's effect, lie further apart than the sandbox itself explains, as they would with a wrong clock.
 */
function apart(a: RunResult, b: RunResult): string[] {
  return a.recoveries.flatMap((one) => {
    const other = b.recoveries.find(({ path, stage }) => path === one.path && stage === one.stage);
    const [x, y] = [lengthOf(one), other === undefined ? undefined : lengthOf(other)];
    if (x === undefined || y === undefined) return [];
    const alike = x.lo <= y.hi && y.lo <= x.hi && Math.abs(x.onset - y.onset) <= ONSET_BLUR;
    return alike ? [] : [`${one.path}: ${JSON.stringify(x)} and ${JSON.stringify(y)}`];
  });
}

type Outage = { readonly onset: number; readonly lo: number; readonly hi: number };

function lengthOf({ effective, firstBad, recovered }: RunResult['recoveries'][number]): Outage | undefined {
  if (firstBad === undefined || recovered === undefined) return undefined;
  const { lo, hi } = recovered;
  const onset = (firstBad - effective) / 1000;
  return { onset, lo: (lo - firstBad) / 1000, hi: hi === null ? Number.POSITIVE_INFINITY : (hi - firstBad) / 1000 };
}

describe('load/k6: both engines judge the same outage alike', () => {
  const out = mkdtempSync(join(tmpdir(), 'faultline-equal-'));
  after(() => {
    process.env.FAULTLINE_K6 = ROUTES.kept;
    rmSync(out, { recursive: true });
  });

  async function run(engine: string, connections: string): Promise<RunResult> {
    const change = settings([
      ...SHORT,
      UNHURRIED,
      `spec.load.engine=${engine}`,
      `spec.load.connections=${connections}`,
    ]);
    const { stdout, stderr } = await faultline('run', SCENARIO, '--out', out, '-o', 'json', ...change);
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout) as RunResult;
  }

  /** k6 with the extension over kept connections; as its project releases it over fresh ones. */
  const ROUTES = { kept: process.env.FAULTLINE_K6, fresh: process.env.FAULTLINE_STOCK_K6 };

  for (const [connections, binary] of Object.entries(ROUTES)) {
    for (let repeat = 1; repeat <= REPEATS; repeat += 1) {
      it(`${connections} connections, pair ${repeat} of ${REPEATS}: verdict, ladder and recovery`, async function () {
        this.timeout(120_000);
        process.env.FAULTLINE_K6 = binary;
        const [a, b] = [await run('undici', connections), await run('k6', connections)];
        expect(judgement(b), `${doubts(a)}\n${doubts(b)}`).to.deep.equal(judgement(a));
        expect(apart(a, b)).to.deep.equal([]);
      });
    }
  }
});
