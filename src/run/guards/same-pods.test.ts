import { expect } from 'chai';
import { faultKind } from '../../faults/index.ts';
import { shortContext, stageSystem } from '../../faults/testing/conformance/stage.ts';
import { KINDS } from '../../model/kubernetes.ts';
import type { FaultBlock } from '../../model/scenario.ts';
import type { PlannedFault } from '../planned-run.ts';
import type { Guarded } from './guard.ts';
import { samePods } from './same-pods.ts';

const MOCKB = 'mockb-ap-northeast-1a';
const HERE = { cluster: 'tokyo', namespace: 'default' };
const OF_MOCKB = { ...HERE, deployment: MOCKB };
const BLOCKS: Readonly<Record<string, readonly [string, object]>> = {
  swap: ['imageSwap', { ...OF_MOCKB, image: 'curl:8' }],
  down: ['scale', { ...OF_MOCKB, replicas: 0 }],
  drain: ['nodeDrain', { cluster: 'tokyo', namespaces: ['default'], zone: 'ap-northeast-1a', wait: 1000 }],
  kill: ['podKill', { ...OF_MOCKB, count: 1 }],
  kills: ['podKill', { ...HERE, selector: { app: 'mockb' }, count: 1, every: 1000 }],
  killDb: ['podKill', { ...HERE, statefulSet: 'db-ap-northeast-1a', count: 1 }],
  swapDb: ['imageSwap', { ...HERE, statefulSet: 'db-ap-northeast-1a', image: 'curl:8' }],
  restart: ['containerKill', { ...OF_MOCKB, container: 'default', count: 1 }],
  restarts: ['containerKill', { ...OF_MOCKB, container: 'default', count: 1, every: 1000 }],
  restartOther: ['containerKill', { ...HERE, deployment: 'mocka-ap-northeast-1a', container: 'default', count: 1 }],
  cut: ['podNetwork', faultKind('podNetwork').example],
};

async function said(...names: string[]): Promise<string[]> {
  const faults: PlannedFault[] = [];
  for (const name of names) {
    const [kind, spec] = BLOCKS[name] ?? ['', {}];
    const plan = await faultKind(kind).plan({ name, spec: spec as FaultBlock }, shortContext(stageSystem()));
    faults.push({ kind: faultKind(kind), plan } as PlannedFault);
  }
  const rulings = await samePods.check({ faults } as unknown as Guarded);
  return rulings.map(({ detail, hint }) => `${detail} | ${hint}`);
}

const POD = `default/${MOCKB}-abc-xxxxxxxxxxxxxxx`;

describe('guards: faults that hit pods as they were planned', () => {
  it('are refused after one that replaces them, by their names, with the pod', async () => {
    expect(await said('swap', 'restart')).to.deep.equal([
      `fault swap replaces, or may, what fault restart is to hit after it: container default of Pod ${POD} (cluster tokyo) | Inject restart first, or make two scenarios of them: run a.yaml b.yaml.`,
    ]);
    const pairs = ['swap', 'down', 'drain', 'kill', 'kills'].flatMap((one) =>
      ['restart', 'restarts', 'kill', 'drain'].filter((two) => two !== one).map((two) => [one, two] as const),
    );
    for (const [one, two] of pairs) {
      const [first = ''] = await said(one, two);
      expect(first, `${one}, ${two}`).to.contain(`fault ${one} replaces, or may, what fault ${two} is to hit after it`);
    }
    expect(await said('swapDb', 'killDb')).to.have.length(1);
    expect((await said('restart', 'restarts'))[0]).to.contain('container default of Pod');
  });

  it('are refused before one that replaces the pods in which a container is seen to have begun anew', async () => {
    for (const two of ['swap', 'down', 'drain', 'kill', 'kills']) {
      const [first = ''] = await said('restart', two);
      expect(first, two).to.contain(
        `fault ${two} replaces, or may, the pods in which fault restart is seen to be on: container default of Pod`,
      );
      expect(first).to.contain('Name other pods, or make two scenarios');
    }
  });

  it('hold beside others, before one that replaces what they have killed, and in other clusters', async () => {
    for (const names of [
      ['swap', 'restartOther'],
      ['restartOther', 'swap'],
      ['restart', 'restartOther'],
      ['kill', 'swap'],
      ['kill', 'down'],
      ['drain', 'swap'],
      ['swap', 'cut'],
      ['swap', 'killDb'],
    ]) {
      expect(await said(...names), names.join(', ')).to.deep.equal([]);
    }
    const kind = faultKind('podKill');
    const spec = { ...OF_MOCKB, count: 1 };
    const plans = await Promise.all(
      ['tokyo', 'osaka'].map((cluster) =>
        kind.plan({ name: cluster, spec }, shortContext(Object.assign(stageSystem(), { name: cluster }))),
      ),
    );
    const faults = plans.map((plan) => ({ kind, plan }));
    expect(await samePods.check({ faults } as unknown as Guarded)).to.deep.equal([]);
  });

  it('would not be hit: what the guard refuses ends the injection, or hits nobody', async () => {
    const cluster = stageSystem();
    const context = shortContext(cluster);
    const plans = await Promise.all(
      ['swap', 'restart', 'kill'].map((name) => {
        const [kind = '', spec] = BLOCKS[name] ?? [];
        return faultKind(kind).plan({ name, spec: spec as FaultBlock }, context);
      }),
    );
    const [swap, restart, kill] = plans;
    if (swap === undefined || restart === undefined || kill === undefined) throw new Error('three are planned');
    await faultKind('imageSwap').inject(swap, context);
    const before = cluster.all(KINDS.pod).map(({ metadata }) => metadata.uid);
    const end = await faultKind('containerKill')
      .inject(restart, context)
      .catch((error: unknown) => error);
    expect(end).to.have.property('code', 'FAULT_CONFLICT');
    await faultKind('podKill').inject(kill, context);
    expect(cluster.all(KINDS.pod).map(({ metadata }) => metadata.uid)).to.deep.equal(before);
  });
});
