import { expect } from 'chai';
import { kindsReaching } from '../faults/index.ts';
import { stage, stageOn } from '../faults/testing/conformance/stage.ts';
import type { FakeCluster } from '../faults/testing/fake-cluster.ts';
import { paste } from '../faults/testing/paste.ts';
import { STAGED_KINDS } from '../faults/testing/staged.ts';
import type { FaultKind, FaultPlan } from '../model/fault.ts';
import { KINDS, type KubeObject, PLAN_ANNOTATION } from '../model/kubernetes.ts';
import { writeClusterJournal } from './cluster-journal.ts';
import { isClean, type RecoverResult, recoverCluster } from './recover.ts';
import { recoverPorts } from './testing/recover-ports.ts';
import { virtualClock } from './testing/virtual-clock.ts';

type Stage = Awaited<ReturnType<typeof stageOn>>;
type Strings = (text: string, key: string) => string;

/** What a shell would run beside the words of a command, if a text got into it unquoted. */
const EVIL = "; touch pwned; echo '$(touch pwned)` #";

function recover(kind: FaultKind, { cluster, plan }: Stage, accept?: readonly string[]): Promise<RecoverResult> {
  const faultKind = kindsReaching(cluster.outside, () => kind);
  const scope = { namespaces: plan.namespaces, lockNamespace: 'default', kinds: [faultKind(plan.kind)] };
  const ports = recoverPorts(virtualClock(), new AbortController().signal);
  return recoverCluster(cluster, scope, [], { ...ports, faultKind, ...(accept ? { accept: { only: accept } } : {}) });
}

function changedIn(plan: FaultPlan, change: Strings): FaultPlan {
  const walk = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') return change(value, key);
    if (Array.isArray(value)) return value.map((one) => walk(one, key));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, walk(one, name)]));
  };
  const { objects, data, namespaces } = plan;
  return {
    ...plan,
    ...(walk({ objects, data, namespaces }, '') as Pick<FaultPlan, 'objects' | 'data' | 'namespaces'>),
  };
}

/** Other values to put back, as somebody writes them who wants his own to run. */
const forgedIn = (plan: FaultPlan): FaultPlan => ({
  ...plan,
  data: JSON.parse(JSON.stringify(plan.data), (key, value) => {
    if (key !== 'before') return value;
    if (typeof value === 'number') return 4711;
    return value !== null && typeof value === 'object' ? { ...value, image: 'evil/miner:1', command: ['evil'] } : value;
  }),
});

/** The names of all fields of a plan that hold a text. */
function textsIn(plan: FaultPlan): Set<string> {
  const keys = new Set<string>();
  changedIn(plan, (text, key) => {
    keys.add(key);
    return text;
  });
  return keys;
}

/** Writes another plan on every object that carries one. */
function restamp(cluster: FakeCluster, { kind, fault, runId, objects, data }: FaultPlan): void {
  const told = JSON.stringify({ kind, fault, runId, objects, data });
  for (const object of [...cluster.objects.values()]) {
    if (object.metadata.annotations?.[PLAN_ANNOTATION] === undefined) continue;
    const annotations = { ...object.metadata.annotations, [PLAN_ANNOTATION]: told };
    cluster.put({ ...object, metadata: { ...object.metadata, annotations } });
  }
}

const commandsOf = ({ undone, leftovers }: RecoverResult): string[] => [
  ...undone.flatMap(({ outcome }) => [...outcome.commands, ...(outcome.keep ?? [])]),
  ...leftovers.map(({ command }) => command),
];

/** What a shell sees of a command outside of its quotes. */
const unquoted = (command: string): string => command.replaceAll(/'[^']*'|\\'/g, '');

describe('commands that are printed for what only a cluster tells', () => {
  it('write nothing that a plan in the cluster says of an object which is put back, and close it as it stands', async () => {
    const told: string[] = [];
    for (const kind of STAGED_KINDS.filter(({ local }) => local === undefined)) {
      const stage = await stageOn(kind);
      const { cluster, plan, before } = stage;
      const forged = forgedIn(plan);
      if (JSON.stringify(forged) === JSON.stringify(plan)) continue;
      await writeClusterJournal(cluster, 'default', plan.runId, [forged]);
      await recover(kind, stage);
      const second = await recover(kind, stage);
      if (isClean(second)) continue;
      told.push(kind.kind);
      const [{ outcome } = { outcome: undefined }] = second.undone;
      expect(commandsOf(second).join('\n'), kind.kind).to.not.match(/evil|4711/);
      expect(outcome?.commands.filter((one) => one.startsWith('kubectl ')).join('\n'), kind.kind).to.match(
        /get .* -o yaml$/m,
      );
      expect(outcome?.detail, kind.kind).to.contain('Only the cluster tells of this plan');
      expect(isClean(await recover(kind, stage, [])), kind.kind).to.equal(true);
      const left = (cluster.snapshot() as { kind: string }[]).filter((one) => one.kind !== 'Lease');
      expect(left, kind.kind).to.deep.equal(before);
    }
    // A count that is another one is somebody's own, without a mark on it.
    expect(told).to.deep.equal(['imageSwap']);
  });

  it('write what an object that is still marked bears out itself, where somebody has changed it', async () => {
    const kind = STAGED_KINDS.find((one) => one.kind === 'scale') as FaultKind;
    const stage = await stageOn(kind);
    const { cluster, plan } = stage;
    const { namespace = '', name = '' } = plan.objects[0] ?? {};
    await writeClusterJournal(cluster, 'default', plan.runId, [plan]);
    await cluster.patch({ ...KINDS.deployment, namespace, name }, [
      { op: 'replace', path: '/spec/replicas', value: 7 },
    ]);
    const [{ outcome } = { outcome: undefined }] = (await recover(kind, stage)).undone;
    expect([outcome?.state, outcome?.commands[0]]).to.deep.equal([
      'conflict',
      `kubectl -n ${namespace} scale deployment/${name} --replicas=1`,
    ]);
    paste(cluster, outcome?.commands[0] ?? '');
    expect(isClean(await recover(kind, stage))).to.equal(true);
  });

  it('look at nothing that the undo has deleted itself, where what was copied from it is still on', async () => {
    const kind = STAGED_KINDS.find((one) => one.kind === 'meshFault') as FaultKind;
    const stage = await stageOn(kind);
    const { cluster, plan } = stage;
    await writeClusterJournal(cluster, 'default', plan.runId, [plan]);
    const [filter] = cluster.all(KINDS.envoyFilter);
    cluster.add({ ...(filter as KubeObject), metadata: { name: 'copy', namespace: 'default' } });
    const [{ outcome } = { outcome: undefined }] = (await recover(kind, stage)).undone;
    expect(outcome?.state).to.equal('failed');
    expect(outcome?.detail)
      .to.contain('EnvoyFilter default/copy, which the run has not made')
      .and.not.contain('anybody');
    expect(outcome?.commands[0]).to.equal('kubectl -n default get envoyfilter/copy -o yaml');
    expect(outcome?.commands.join()).to.not.contain('envoyfilter/faultline-');
  });

  it('are none that writes, though it has the word of one that looks in a text of the plan', async () => {
    const kind = STAGED_KINDS.find((one) => one.kind === 'scale') as FaultKind;
    for (const command of [
      "kubectl -n 'x get y' delete pod/a",
      "kubectl delete pod/'x get y'",
      'kubectl delete pod/get y',
    ]) {
      const stage = await stageOn(kind);
      const { cluster, plan } = stage;
      const objects = plan.objects.map((one) => ({ ...one, name: 'other', state: 'conflict' as const }));
      const undo = async () => ({ state: 'conflict', detail: 'as it is', objects, commands: [command] }) as const;
      await writeClusterJournal(cluster, 'default', plan.runId, [plan]);
      const [{ outcome } = { outcome: undefined }] = (await recover({ ...kind, undo }, stage)).undone;
      expect(outcome?.commands).to.not.include(command);
      expect(outcome?.detail).to.contain('anybody who may write there may have made it up');
    }
  });

  for (const where of ['plans', 'object'] as const) {
    it(`are none of a shell, whatever texts stand in a plan: ${where}`, async () => {
      const commands: string[] = [];
      for (const kind of STAGED_KINDS.filter(({ local }) => local === undefined)) {
        for (const key of textsIn((await stage(kind)).plan)) {
          const { cluster, plan, before } = await stageOn(kind);
          const forged = changedIn(plan, (text, at) => (at === key ? `${text}${EVIL}` : text));
          if (where === 'plans') await writeClusterJournal(cluster, 'default', plan.runId, [forged]);
          else restamp(cluster, forged);
          commands.push(...commandsOf(await recover(kind, { cluster, plan: forged, before })));
        }
      }
      const bad = commands.filter((command) => /[;&|$`<>"\\#]/.test(unquoted(command).replaceAll(' && ', ' ')));
      expect(bad).to.deep.equal([]);
      expect(commands.filter((command) => command.includes('pwned'))).to.not.deep.equal([]);
    });
  }
});
