import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { BRIEF, type LiveSandbox, liveSandbox, settings } from '../../../src/cli/testing/live-sandbox.ts';
import { KINDS } from '../../../src/model/kubernetes.ts';
import { inWorkspace, runStep } from './testing/runner.ts';

/** How often a job ends early, each time at another moment of its drill. */
const TIMES = Number(process.env.FAULTLINE_CANCELS ?? 5);
const SEED = Number(process.env.FAULTLINE_SEED ?? Date.now() % 100_000);
/** A little longer than the drill takes, from its run folder on. */
const LONGEST_MS = 12_000;

const FILES = fileURLToPath(new URL('../../..', import.meta.url));
const SCENARIO = 'service-failover.yaml';

/** What the requests show is of no interest here, and must not keep the fault from being injected. */
const QUIET = [...BRIEF, 'spec.expect.steadyState.good=20%', 'spec.expect.steadyState.sameZone=20%'];

/**
 * How a job ends: its signals at the runner's own times, also before its drill has begun, the whole tree killed at once, or
 * the process of `main` alone.
 */
const ENDS = ['cancelled', 'killed', 'cancelled', 'lost', 'cancelled early'] as const;

/** The fraction of one, of a case of a seed (the golden ratio's multiples lie everywhere). */
const fractionOf = (index: number) => ((SEED + index) * 0.618033988749895) % 1;

/** Some time after the drill of a workspace has begun; early: after its job has. */
async function momentOf(end: (typeof ENDS)[number], workspace: string, at: number): Promise<void> {
  const out = join(workspace, 'faultline-reports');
  while (end !== 'cancelled early' && !existsSync(out)) await sleep(20);
  await sleep(at);
}

/** All that a run changes, creates, marks or holds in both clusters, one line for each. */
function stateOf({ sandbox }: LiveSandbox): string[] {
  return sandbox.clusters.flatMap(({ store }, index) => {
    const specs = store.list(KINDS.deployment).flatMap(({ metadata, ...rest }) => {
      const { labels, annotations = {} } = metadata;
      const own = Object.entries(annotations).filter(([key]) => !key.startsWith('deployment.kubernetes.io/'));
      const { spec } = rest as { spec?: unknown };
      return `Deployment ${metadata.name} ${JSON.stringify([labels, own, spec])}`;
    });
    const created = [KINDS.networkPolicy, KINDS.job, KINDS.configMap].flatMap((kind) =>
      store.list(kind).map(({ metadata }) => `${kind.kind} ${metadata.namespace}/${metadata.name}`),
    );
    const leases = store.list(KINDS.lease).map((lease) => (lease as { spec?: { holderIdentity?: string } }).spec);
    const holders = leases.flatMap((spec) => (spec?.holderIdentity ? `lease of ${spec.holderIdentity}` : []));
    return [...specs, ...created, ...holders].map((line) => `cluster ${index}: ${line}`);
  });
}

describe(`drills whose job ends early, ${TIMES} times (FAULTLINE_SEED=${SEED})`, function () {
  this.timeout(400_000);
  let live: LiveSandbox;
  let injected = 0;
  before(async () => {
    live = await liveSandbox();
  });
  after(async () => {
    console.log(`      a fault had been injected in ${injected} of them`);
    await live.close();
  });

  for (let index = 0; index < TIMES; index++) {
    const end = ENDS[index % ENDS.length] ?? 'cancelled';
    const at = Math.round(fractionOf(index) * LONGEST_MS);

    it(`nothing is left after post: ${end} after ${at} ms`, async () => {
      const before = stateOf(live);
      await inWorkspace(async (workspace) => {
        cpSync(join(FILES, 'scenarios', SCENARIO), join(workspace, SCENARIO));
        const inputs = { scenarios: SCENARIO, target: live.targets, arguments: settings(QUIET).join('\n') };
        const moment = momentOf(end, workspace, at);
        const { main, post, outputs } = await runStep(workspace, {
          inputs,
          ...(end === 'lost' || end === 'killed' ? { [end]: moment } : { cancelled: moment }),
        });
        const log = `${main.log}\n--- post ---\n${post.log}`;
        if (/: injecting/.test(main.log)) injected++;
        expect(post.code, log).to.equal(0);
        const after = stateOf(live);
        // The lease of a run that was killed lapses by itself, and names its dead holder until somebody else takes it.
        const isLease = (line: string) => line.includes(': lease of ');
        const left = after.filter((one) => !before.includes(one) && !(main.code === null && isLease(one)));
        const gone = before.filter((one) => !after.includes(one) && !isLease(one));
        expect({ left, gone }, log).to.deep.equal({ left: [], gone: [] });
        expect(outputs.verdict, log).to.not.equal('pass');
      });
    });
  }
});
