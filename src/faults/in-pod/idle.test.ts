import { expect } from 'chai';
import type { FaultKind } from '../../model/fault.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { type Container, type ContainerStatus, podSpec } from '../../model/pod-object.ts';
import { alteredCluster } from '../altered-cluster.ts';
import { type KindStage, shortContext, stageOn } from '../testing/conformance/stage.ts';
import { STAGED_KINDS } from '../testing/staged.ts';
import { containerName, stateIn } from './container.ts';

const IN_POD = STAGED_KINDS.filter(({ marks }) =>
  marks.some(({ kind, inside }) => kind.kind === KINDS.pod.kind && inside !== undefined),
);
const NO_IMAGE = { waiting: { reason: 'ImagePullBackOff', message: 'no such image' } };
const ABOUT = { waiting: { reason: 'ContainerCreating' } };

type Told = Partial<ContainerStatus> & { readonly script?: string };

const podsOf = ({ cluster, plan }: KindStage) =>
  cluster.all(KINDS.pod).filter((pod) => stateIn(pod, containerName(plan)).kind !== 'absent');

/** Has the kubelets say this of a fault's containers. */
function say({ cluster, plan }: KindStage, pod: KubeObject, { script, ...status }: Told): void {
  const name = containerName(plan);
  const rewritten = (one: Container) => (script === undefined ? one : { ...one, command: ['sh', '-c', script] });
  const ephemeralContainers = podSpec(pod).ephemeralContainers?.map(rewritten);
  const next = structuredClone({ ...pod, spec: { ...podSpec(pod), ephemeralContainers } }) as unknown as KubeObject;
  next.status = { ...(next.status as object), ephemeralContainerStatuses: [{ name, ...status }] as never };
  cluster.put(next);
}

/** The undo of a fault of whose containers its kubelets say this, and what its marks tell of them. */
async function undone(kind: FaultKind, told: Told, befalls: (on: KindStage, tick: number) => void = () => {}) {
  const on = await stageOn(kind);
  for (const pod of podsOf(on)) say(on, pod, told);
  const context = shortContext(on.cluster);
  let tick = 0;
  const sleep: typeof context.clock.sleep = async (ms, signal) => {
    befalls(on, ++tick);
    await context.clock.sleep(ms, signal);
  };
  const marked = kind.marks.flatMap(({ inside, plans }) =>
    podsOf(on).flatMap((pod) => [...(inside?.(pod) ?? []), ...(plans?.(pod) ?? [])]),
  );
  const outcome = await kind.undo(on.plan, { ...context, clock: { ...context.clock, sleep } });
  return { ...outcome, on, marked, seconds: context.now() / 1e6 };
}

describe('a container in a pod whose image never comes', () => {
  it('is over for the undo at once, since nobody can have told it to begin, and is no mark of a run', async () => {
    for (const kind of IN_POD) {
      const { state, detail, objects, commands, seconds, marked } = await undone(kind, { state: NO_IMAGE });
      expect([state, commands, seconds, marked], `${kind.kind}: ${detail}`).to.deep.equal(['undone', [], 0, []]);
      expect(detail).to.match(
        /or has not started, in \S+ \(ImagePullBackOff: no such image\).*: nobody has told it to begin there and nobody will, so that it does nothing, and where it starts yet it ends 60 s later$/,
      );
      expect(objects.map((object) => object.state)).to.deep.equal(objects.map(() => 'put-back'));
    }
    expect(IN_POD.map(({ kind }) => kind)).to.have.members([
      ...['zoneBlackhole', 'dnsFault', 'podNetwork', 'networkPartition', 'cpuStress', 'memoryStress'],
    ]);
  });

  it('is waited for a little where its kubelet is about to start it, and ended where it does', async () => {
    for (const kind of IN_POD) {
      const never = await undone(kind, { state: ABOUT });
      expect(never.state, kind.kind).to.equal('undone');
      expect(never.seconds, kind.kind).to.be.within(20, 40);
      const starts = await undone(kind, { state: ABOUT }, (on, tick) => {
        if (tick === 2) for (const pod of podsOf(on)) say(on, pod, { state: { running: {} } });
      });
      expect(starts.state, kind.kind).to.equal('undone');
      const ends = podsOf(starts.on).map((pod) => stateIn(pod, containerName(starts.on.plan)).kind);
      expect(new Set(ends), kind.kind).to.deep.equal(new Set(['over']));
    }
  });

  it('is looked at to the end where it may have run, or begins by itself as those of older versions', async () => {
    const may: readonly Told[] = [
      { state: NO_IMAGE, restartCount: 1 },
      { state: NO_IMAGE, lastState: { terminated: { exitCode: 137 } } },
      { state: NO_IMAGE, script: 'iptables -A x; sleep 60' },
      { state: ABOUT, script: 'iptables -A x; sleep 60' },
    ];
    for (const kind of IN_POD) {
      for (const told of may) {
        const { state, detail, commands, seconds, marked } = await undone(kind, told);
        const what = `${kind.kind}: ${JSON.stringify(told)}: ${detail}`;
        expect(state, what).to.equal('failed');
        expect(seconds, what).to.be.at.least(60);
        expect(detail, what).to.contain('the container has not started and still may: ');
        expect(commands.join(), what).to.contain('delete pod/');
        expect(marked, what).to.not.deep.equal([]);
      }
    }
  });

  it('that runs is told to end, whether anybody has told it to begin or not', async () => {
    for (const kind of IN_POD) {
      const { state, on } = await undone(kind, { state: { running: {} } });
      const ends = podsOf(on).map((pod) => stateIn(pod, containerName(on.plan)).kind);
      expect([state, [...new Set(ends)]], kind.kind).to.deep.equal(['undone', ['over']]);
    }
  });
});

describe('a container in a pod whose program could not be started', () => {
  const UNSTARTED = { exitCode: 128, reason: 'StartError', message: 'exec: "sh": executable file not found in $PATH' };

  it('is over for the undo at once, since it has never run, and is no mark of a run', async () => {
    for (const terminated of [UNSTARTED, { exitCode: 127, reason: 'ContainerCannotRun' }]) {
      for (const kind of IN_POD) {
        const { state, detail, commands, objects, seconds, marked } = await undone(kind, { state: { terminated } });
        expect([state, commands, seconds, marked], `${kind.kind}: ${detail}`).to.deep.equal(['undone', [], 0, []]);
        expect(objects.map((object) => object.state)).to.deep.equal(objects.map(() => 'put-back'));
      }
    }
  });

  it('is named by the proof, with why', async () => {
    for (const kind of IN_POD) {
      const on = await stageOn(kind);
      for (const pod of podsOf(on)) say(on, pod, { state: { terminated: UNSTARTED } });
      const { proven, detail } = await kind.prove(on.plan, shortContext(on.cluster));
      expect(proven, kind.kind).to.equal(false);
      expect(detail).to.contain('the container could not be started: exec: "sh": executable file not found');
      expect(detail).to.not.contain('exit code');
    }
  });

  it('is not over where it has run before, or ended by itself with that code', async () => {
    const killed = (kind: FaultKind) => !['cpuStress', 'memoryStress'].includes(kind.kind);
    for (const kind of IN_POD.filter(killed)) {
      for (const told of [
        { state: { terminated: UNSTARTED }, restartCount: 1 },
        { state: { terminated: { exitCode: 128, reason: 'Error' } } },
      ]) {
        const { state, marked } = await undone(kind, told);
        expect([state, marked.length > 0], `${kind.kind}: ${JSON.stringify(told)}`).to.deep.equal(['failed', true]);
      }
    }
  });
});

describe('a list of pods that does not name those that are there', () => {
  it('is not taken for their end: what is known by name is ended, and the undo is tried again', async () => {
    for (const kind of IN_POD) {
      const on = await stageOn(kind);
      const context = shortContext(on.cluster);
      const seen = alteredCluster(on.cluster, { list: async () => [] });
      const error: unknown = await kind.undo(on.plan, { ...context, cluster: seen }).catch((reason) => reason);
      expect(error, kind.kind).to.have.property('code', 'KUBE_API');
      expect(String(error), kind.kind).to.match(/cluster \S+: the list of pods lacks \S+/);
      const states = podsOf(on).map((pod) => stateIn(pod, containerName(on.plan)).kind);
      expect(states, kind.kind).to.deep.equal(states.map(() => 'over'));
      expect((await kind.undo(on.plan, context)).state, kind.kind).to.equal('undone');
    }
  });
});
