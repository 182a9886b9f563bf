import { readOutlierStats } from '../../../mesh/stats-reader.ts';
import { type JsonPatchOp, KINDS, type KubeObject, type ObjectRef } from '../../../model/kubernetes.ts';
import type { PodCluster } from '../../../model/ports.ts';
import type { Millis } from '../../../model/units.ts';
import { type Called, Caller } from './caller.ts';
import { deployment, deploymentName, hostOf, IDLE_IMAGE, meshObjects, NAMESPACE } from './objects.ts';
import { HOME, type Outage, ZONES, type Zone } from './outage.ts';
import { countedFrom, type Recorded, record } from './record.ts';
import { clusterOf, type Side } from './side.ts';

/** What a gateway's statistics say of the service at a moment. */
export type Sample = {
  readonly at: Millis;
  readonly active: number;
  readonly enforced: number;
  readonly overflow: number;
};

/** Everything that one caller saw. */
export type Seen = { readonly calls: readonly Called[]; readonly samples: readonly Sample[] };

/** An outage as it was on one side. Times count from the beginning of the calls. */
export type Played = {
  readonly faultAt: Millis;
  /** The rollout that is the fault has come to its end. */
  readonly faultDone: Millis;
  readonly undoAt: Millis;
  readonly undoDone: Millis;
  readonly endAt: Millis;
  readonly recorded: Recorded;
  readonly callers: Readonly<Partial<Record<Zone, Seen>>>;
};

const BASELINE_MS = 2500;
const TAIL_MS = 3500;
const CALM_MS = 2500;
const SAMPLE_MS = 300;
const LIMIT_MS = 60_000;

/** Makes the service, plays the outage, and takes everything away again. */
export async function play(side: Side, outage: Outage): Promise<Played> {
  const over = new AbortController();
  try {
    const recorded = record(side, outage, over.signal);
    await establish(side, outage);
    return await drill(side, outage, recorded);
  } finally {
    over.abort();
    await remove(side, outage);
  }
}

async function establish(side: Side, outage: Outage): Promise<void> {
  for (const cluster of side.clusters) {
    await Promise.all(meshObjects(outage).map((object) => cluster.create(object)));
  }
  const zones = ZONES.filter((zone) => outage.replicas[zone] > 0);
  await Promise.all(zones.map((zone) => clusterOf(side, zone).create(deployment(outage, zone))));
  for (const zone of zones) await until(side, `${outage.name} ready in ${zone}`, () => isRolledOut(side, outage, zone));
}

async function drill(side: Side, outage: Outage, watched: Recorded): Promise<Played> {
  const { clock } = side;
  const callers = outage.callers.map((zone) => {
    const gateway = side.gateways.get(zone) ?? '';
    return { zone, caller: new Caller({ gateway, host: hostOf(outage), clock }), samples: [] as Sample[] };
  });
  for (const { zone, caller } of callers) await until(side, `${outage.name} to answer ${zone}`, () => answers(caller));
  await clock.sleep(CALM_MS);
  const since = clock.now();
  const at = (): Millis => (clock.now() - since) / 1000;
  const over = new AbortController();
  const watching = callers.map(({ zone, samples }) => sample(side, outage, zone, samples, at, over.signal));
  const running = callers.map(({ caller }) => caller.run(outage.rate, since));
  await clock.sleep(BASELINE_MS);
  const faultAt = at();
  if (outage.fault === 'quietFailing') await until(side, 'an error', async () => callers.some(sawError));
  else await fault(side, outage);
  const faultDone = at();
  await clock.sleep(outage.holdMs);
  const undoAt = at();
  await undo(side, outage);
  const undoDone = at();
  await clock.sleep(TAIL_MS);
  const endAt = at();
  over.abort();
  await Promise.all(callers.map(({ caller }) => caller.stop()));
  await Promise.all([...watching, ...running]);
  const seen = callers.map(({ zone, caller, samples }) => [zone, { calls: caller.calls, samples }] as const);
  const recorded = countedFrom(since / 1000, watched);
  return { faultAt, faultDone, undoAt, undoDone, endAt, recorded, callers: Object.fromEntries(seen) };
}

const ENV = '/spec/template/spec/containers/0/env';

function sawError({ caller }: { caller: Caller }): boolean {
  return caller.calls.some(({ zone }) => zone === undefined);
}

async function answers(caller: Caller): Promise<boolean> {
  for (let count = 0; count < 5; count += 1) if ((await caller.probe()).zone === undefined) return false;
  return true;
}

async function fault(side: Side, outage: Outage): Promise<void> {
  const ref = homeRef(outage);
  const cluster = clusterOf(side, HOME);
  switch (outage.fault) {
    case 'imageSwap':
    case 'probedImageSwap':
      await cluster.patch(ref, [
        { op: 'replace', path: '/spec/template/spec/containers/0/image', value: IDLE_IMAGE },
        { op: 'add', path: '/spec/template/spec/containers/0/command', value: ['sleep', '3600'] },
      ]);
      if (outage.fault === 'imageSwap') return rolledOut(side, outage);
      return until(side, 'a pod that is not ready', async () => (await homePods(side, outage)).some(isUnready));
    case 'quietFailing':
      return undefined;
    case 'failing':
      await cluster.patch(ref, [{ op: 'add', path: `${ENV}/-`, value: { name: 'status', value: '500' } }]);
      return rolledOut(side, outage);
    case 'rollout':
      await cluster.patch(ref, [mark('one')]);
      return rolledOut(side, outage);
    case 'podKill':
      await killOne(side, outage);
      return rolledOut(side, outage);
    case 'scaleToZero':
      await cluster.patch(ref, [{ op: 'replace', path: '/spec/replicas', value: 0 }]);
      return until(side, 'no pod', async () => (await homePods(side, outage)).length === 0);
  }
}

async function undo(side: Side, outage: Outage): Promise<void> {
  const cluster = clusterOf(side, HOME);
  const ref = homeRef(outage);
  if (outage.fault === 'imageSwap' || outage.fault === 'probedImageSwap') {
    const { image } = containerOf(deployment(outage, HOME));
    await cluster.patch(ref, [
      { op: 'replace', path: '/spec/template/spec/containers/0/image', value: image ?? '' },
      { op: 'remove', path: '/spec/template/spec/containers/0/command' },
    ]);
  } else if (outage.fault === 'failing') {
    await cluster.patch(ref, [{ op: 'remove', path: `${ENV}/2` }]);
  } else if (outage.fault === 'quietFailing') {
    await cluster.patch(ref, [
      { op: 'remove', path: `${ENV}/3` },
      { op: 'remove', path: `${ENV}/2` },
    ]);
  } else if (outage.fault === 'rollout') {
    await cluster.patch(ref, [mark('two')]);
  } else if (outage.fault === 'scaleToZero') {
    await cluster.patch(ref, [{ op: 'replace', path: '/spec/replicas', value: outage.replicas[HOME] }]);
  }
  await rolledOut(side, outage);
}

function mark(value: string): JsonPatchOp {
  return { op: 'add', path: '/spec/template/metadata/annotations', value: { mark: value } };
}

async function killOne(side: Side, outage: Outage): Promise<void> {
  const [pod] = await homePods(side, outage);
  const name = pod?.metadata.name ?? '';
  await clusterOf(side, HOME).delete({ ...KINDS.pod, namespace: NAMESPACE, name });
  await until(side, 'the pod to go', async () =>
    (await homePods(side, outage)).every((one) => one.metadata.name !== name),
  );
}

function homeRef(outage: Outage): ObjectRef {
  return { ...KINDS.deployment, namespace: NAMESPACE, name: deploymentName(outage, HOME) };
}

function containerOf(object: KubeObject): { image?: string } {
  const spec = object.spec as { template: { spec: { containers: { image?: string }[] } } };
  return spec.template.spec.containers[0] ?? {};
}

/** The pods at home that are not on their way out. */
async function homePods(side: Side, outage: Outage): Promise<KubeObject[]> {
  const labelSelector = `app=${outage.name},version=${HOME}`;
  const pods = await clusterOf(side, HOME).list(KINDS.pod, { namespace: NAMESPACE, labelSelector });
  return pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

function isUnready({ status }: KubeObject): boolean {
  const { podIP, conditions = [] } = (status ?? {}) as {
    podIP?: string;
    conditions?: { type: string; status: string }[];
  };
  return podIP !== undefined && conditions.some(({ type, status }) => type === 'Ready' && status === 'False');
}

function rolledOut(side: Side, outage: Outage): Promise<void> {
  return until(side, `${outage.name} to be rolled out`, () => isRolledOut(side, outage, HOME));
}

async function isRolledOut(side: Side, outage: Outage, zone: Zone): Promise<boolean> {
  const ref = { ...KINDS.deployment, namespace: NAMESPACE, name: deploymentName(outage, zone) };
  const found = await clusterOf(side, zone).get(ref);
  const status = (found?.status ?? {}) as { [key: string]: number | undefined };
  if ((status.observedGeneration ?? 0) < (found?.metadata.generation ?? 0)) return false;
  const wanted = outage.replicas[zone];
  return ['replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas'].every((key) => status[key] === wanted);
}

async function sample(
  side: Side,
  outage: Outage,
  zone: Zone,
  samples: Sample[],
  at: () => Millis,
  signal: AbortSignal,
): Promise<void> {
  const cluster = clusterOf(side, zone);
  const labelSelector = `gateway-zone=${zone}`;
  const [gateway] = await cluster.list(KINDS.pod, { namespace: 'istio-system', labelSelector });
  const name = gateway?.metadata.name ?? '';
  while (!signal.aborted) {
    const found = await statistics(cluster, name, outage);
    samples.push({ at: at(), ...found });
    await side.clock.sleep(SAMPLE_MS, signal);
  }
}

async function statistics(cluster: PodCluster, gateway: string, outage: Outage): Promise<Omit<Sample, 'at'>> {
  const path = '/stats/prometheus?usedonly&filter=outlier_detection';
  const text = await cluster.podProxy('istio-system', gateway, 15090, path);
  const found = readOutlierStats(text)?.find(({ service }) => service === outage.name);
  return { active: found?.active ?? 0, enforced: found?.enforcedTotal ?? 0, overflow: found?.overflow ?? 0 };
}

async function remove(side: Side, outage: Outage): Promise<void> {
  for (const cluster of side.clusters) {
    const objects = [...meshObjects(outage), ...ZONES.map((zone) => deployment(outage, zone))];
    await Promise.all(
      objects.map(({ apiVersion, kind, metadata: { name = '', namespace = '' } }) =>
        cluster.delete({ apiVersion, kind, name, namespace }),
      ),
    );
  }
}

/** Asks until it is so. */
export async function until({ clock, name }: Side, what: string, holds: () => Promise<boolean>): Promise<void> {
  const giveUpAt = clock.now() + LIMIT_MS * 1000;
  while (!(await holds())) {
    if (clock.now() > giveUpAt) throw new Error(`${name}: waited ${LIMIT_MS} ms in vain for ${what}`);
    await clock.sleep(100);
  }
}
