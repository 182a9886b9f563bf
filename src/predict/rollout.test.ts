import { expect } from 'chai';
import type { Millis } from '../model/units.ts';
import { killPods, type RolloutPlan, rollOut, scaleDown } from './rollout.ts';
import { liveSystem } from './testing/live-fixture.ts';
import { VirtualTime } from './virtual-time.ts';
import { World } from './world.ts';

const NEVER = { dead: true, becomesReady: false, minReadyMs: 0 };
const READY = { dead: true, becomesReady: true, minReadyMs: 0 };
const SURGING = { kind: 'surging', replicas: 3, surge: 1, unavailable: 0 } as const;

/** Three pods of one workload in imagined time, with the same luck always. */
function three(madeBy = 'ReplicaSet') {
  const { pods } = liveSystem({ mockbs: ['db'], replicas: 3, preStopMs: 0 });
  const time = new VirtualTime(0);
  const own = pods.filter(({ workload }) => workload === 'db').map((pod) => ({ ...pod, madeBy }));
  const world = new World(own, time, () => 0.5);
  /** Which old pods are told to go, in their order, and how many pods of both kinds are ready at most and at least. */
  const seen = { gone: [] as string[], most: 3, least: 3 };
  world.onChange(() => {
    for (const { name, listed } of world.pods)
      if (!listed && name.startsWith('db-') && !name.includes('new') && !seen.gone.includes(name)) seen.gone.push(name);
    const listed = world.pods.filter((pod) => pod.listed).length;
    seen.most = Math.max(seen.most, listed);
    seen.least = Math.min(seen.least, world.pods.filter((pod) => pod.ready).length);
  });
  const made = () => world.pods.slice(3);
  return { world, time, seen, made };
}

type Three = ReturnType<typeof three>;

/** When something takes effect, within a minute. */
async function effectOf({ time }: Three, act: Promise<void>): Promise<Millis | undefined> {
  let at: Millis | undefined;
  void act.then(() => {
    at = time.ms;
  });
  await time.runUntil(60_000);
  return at;
}

async function rolled(plan: RolloutPlan, madeBy?: string) {
  const system = three(madeBy);
  const effect = await effectOf(system, rollOut(system.world, system.world.pods.slice(), plan));
  return { ...system, effect };
}

describe('a rollout in imagined time', () => {
  it('of a Deployment keeps within its limits, and goes on after the last old pod', async () => {
    const { effect, seen, made } = await rolled({ ...READY, ...SURGING });
    expect(effect).to.be.above(0);
    expect([seen.most, seen.least, made().length]).to.deep.equal([4, 3, 3]);
  });

  it('never takes effect where new pods are never ready and old ones must be kept', async () => {
    expect((await rolled({ ...NEVER, ...SURGING })).effect).to.equal(undefined);
  });

  it('takes effect with pods that are never ready where none must be kept', async () => {
    const { effect, made } = await rolled({ ...NEVER, ...SURGING, surge: 0, unavailable: 3 });
    expect(effect).to.be.below(1000);
    expect(made()).to.have.length(3);
  });

  it('waits for pods to count as ready', async () => {
    const [soon, late] = await Promise.all(
      [0, 4000].map(async (minReadyMs) => (await rolled({ ...READY, ...SURGING, minReadyMs })).effect ?? 0),
    );
    expect((late ?? 0) - (soon ?? 0)).to.be.closeTo(12_000, 1);
  });

  it('of a StatefulSet goes from the highest ordinal to its partition, one by one', async () => {
    const plan = { ...READY, kind: 'in-place', atOnce: 1, from: 1 } as const;
    const { effect, seen, made } = await rolled(plan, 'StatefulSet');
    expect(seen.gone).to.deep.equal(['db-2', 'db-1']);
    expect([seen.most, seen.least, made().length]).to.deep.equal([3, 2, 2]);
    expect(effect).to.be.above(0);
  });

  it('of a StatefulSet stands still at the first pod that is never ready', async () => {
    const { effect, seen } = await rolled({ ...NEVER, kind: 'in-place', atOnce: 1, from: 0 }, 'StatefulSet');
    expect([effect, seen.gone]).to.deep.equal([undefined, ['db-2']]);
  });

  it('of a DaemonSet takes so many at once', async () => {
    const { seen } = await rolled({ ...READY, kind: 'in-place', atOnce: 2 }, 'DaemonSet');
    expect(seen.least).to.equal(1);
  });
});

describe('pods in imagined time', () => {
  it('go for good when their workload is scaled down, those of the highest ordinals, one after another', async () => {
    const system = three('StatefulSet');
    const { world, seen, made } = system;
    const effect = await effectOf(system, scaleDown(world, world.pods.slice(), { left: 1, ordered: true }));
    expect([seen.gone, made()]).to.deep.equal([['db-2', 'db-1'], []]);
    const all = three();
    const faster = await effectOf(all, scaleDown(all.world, all.world.pods.slice(), { left: 0, ordered: false }));
    expect(all.seen.gone).to.have.length(3);
    expect(faster).to.be.below(effect ?? 0);
    expect(all.world.pods.every(({ gone }) => gone)).to.equal(true);
  });

  it('are replaced at once, those of a StatefulSet when the old one is gone', async () => {
    const replacedIn = async (madeBy: string, forced = false) => {
      const { world, time, made } = three(madeBy);
      killPods(world, world.pods.slice(0, 1), forced);
      for (let at = 0; ; at += 10) {
        await time.runUntil(at);
        if (made().length > 0) return at;
      }
    };
    const soon = await replacedIn('ReplicaSet');
    expect(await replacedIn('StatefulSet')).to.be.above(soon + 500);
    expect(await replacedIn('DaemonSet')).to.be.above(soon + 500);
    expect(await replacedIn('StatefulSet', true)).to.equal(soon);
  });
});
