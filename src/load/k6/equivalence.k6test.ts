import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { faultline, SHORT, settings } from '../../cli/testing/live-sandbox.ts';
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

/** Pairs of recovery intervals of one path that do not overlap, in seconds from the start of each outage. */
function apart(a: RunResult, b: RunResult): string[] {
  const measured = (run: RunResult) => run.findings.filter(({ objective }) => objective === 'recoveryTime');
  return measured(a).flatMap(({ id, measured: one }) => {
    const other = measured(b).find((finding) => finding.id === id)?.measured;
    if (one === undefined || other === undefined) return [];
    const overlap =
      one.lo <= (other.hi ?? Number.POSITIVE_INFINITY) && other.lo <= (one.hi ?? Number.POSITIVE_INFINITY);
    return overlap ? [] : [`${id}: ${JSON.stringify(one)} and ${JSON.stringify(other)}`];
  });
}

describe('load/k6: both engines judge the same outage alike', () => {
  const out = mkdtempSync(join(tmpdir(), 'faultline-equal-'));
  after(() => {
    process.env.FAULTLINE_K6 = ROUTES.kept;
    rmSync(out, { recursive: true });
  });

  async function run(engine: string, connections: string): Promise<RunResult> {
    const change = settings([...SHORT, `spec.load.engine=${engine}`, `spec.load.connections=${connections}`]);
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
        expect(judgement(b)).to.deep.equal(judgement(a));
        expect(apart(a, b)).to.deep.equal([]);
      });
    }
  }
});
