import { KINDS, type KubeObject } from '../../../model/kubernetes.ts';
import type { Millis } from '../../../model/units.ts';
import { IDLE_IMAGE, NAMESPACE } from './objects.ts';
import type { Outage, Zone } from './outage.ts';
import type { Side } from './side.ts';

/** An endpoint as an EndpointSlice has it. */
type RecordedEndpoint = { readonly ip: string; readonly zone: Zone; readonly ready: boolean };

/** All endpoints of the service that are not terminating, from a moment on. */
export type Change = { readonly at: Millis; readonly endpoints: readonly RecordedEndpoint[] };

/** What a pod does when it is called. */
type Behaviour = {
  readonly kind: 'serves' | 'refuses' | 'fails';
  /** Of a pod that fails. */
  readonly status?: number;
  /** When it begins to fail; from the beginning otherwise. */
  readonly failsFrom?: Millis;
  /** When it was told to go, and its preStop sleep was over. */
  readonly toldAt?: Millis;
  /** When its containers were seen to have ended. */
  readonly goneAt?: Millis;
};

/** What Kubernetes said of the service while an outage was played. */
export type Recorded = {
  readonly changes: readonly Change[];
  /** By address. */
  readonly pods: Readonly<Record<string, Behaviour>>;
};

type Slice = { addresses: string[]; zone?: string; conditions: { ready?: boolean; terminating?: boolean } };

/** The same, counted from another moment. */
export function countedFrom(zero: Millis, { changes, pods }: Recorded): Recorded {
  const moved = <K extends 'failsFrom' | 'toldAt' | 'goneAt'>(key: K, value: Millis | undefined) =>
    value === undefined ? {} : { [key]: value - zero };
  const behaviours = Object.entries(pods).map(([ip, pod]): [string, Behaviour] => {
    const { failsFrom, toldAt, goneAt, ...rest } = pod;
    return [ip, { ...rest, ...moved('failsFrom', failsFrom), ...moved('toldAt', toldAt), ...moved('goneAt', goneAt) }];
  });
  return {
    changes: changes.map(({ at, endpoints }) => ({ at: at - zero, endpoints })),
    pods: Object.fromEntries(behaviours),
  };
}

/** Watches the service in all clusters until the signal. Times are those of the clock. */
export function record(side: Side, { name }: Outage, signal: AbortSignal): Recorded {
  const at = (): Millis => side.clock.now() / 1000;
  const changes: Change[] = [];
  const pods: Record<string, Behaviour> = {};
  const homes = new Map<string, string>();
  const latest = new Map<string, readonly RecordedEndpoint[]>();
  for (const cluster of side.clusters) {
    const labelSelector = `kubernetes.io/service-name=${name}`;
    const onSlices = (objects: readonly KubeObject[]): void => {
      latest.set(cluster.name, objects.flatMap(endpointsOf));
      changes.push({ at: at(), endpoints: [...latest.values()].flat() });
    };
    const onPods = (objects: readonly KubeObject[]): void => {
      for (const ip of notePods(pods, objects, at())) homes.set(ip, cluster.name);
      const gone = [...homes].filter(
        ([ip, home]) => home === cluster.name && !objects.some((pod) => addressOf(pod) === ip),
      );
      for (const [ip] of gone) end(pods, ip, at());
    };
    void cluster.observe(KINDS.endpointSlice, { namespace: NAMESPACE, labelSelector }, onSlices, signal);
    void cluster.observe(KINDS.pod, { namespace: NAMESPACE, labelSelector: `app=${name}` }, onPods, signal);
  }
  return { changes, pods };
}

function endpointsOf(slice: KubeObject): RecordedEndpoint[] {
  const endpoints = (slice.endpoints ?? []) as unknown as Slice[];
  return endpoints
    .filter(({ conditions }) => conditions.ready !== false || conditions.terminating !== true)
    .flatMap(({ addresses, zone = '', conditions }) =>
      addresses.map((ip) => ({ ip, zone: zone as Zone, ready: conditions.ready !== false })),
    );
}

type Container = {
  image: string;
  env?: { name: string; value: string }[];
  lifecycle?: { preStop?: { sleep?: { seconds?: number } } };
};

type PodView = {
  metadata: { deletionTimestamp?: string };
  spec: { containers: Container[] };
  status?: { podIP?: string; containerStatuses?: { state?: { running?: object; terminated?: object } }[] };
};

function addressOf(pod: KubeObject): string | undefined {
  return (pod as unknown as PodView).status?.podIP;
}

/** Writes down what the pods do, and returns their addresses. */
function notePods(pods: Record<string, Behaviour>, objects: readonly KubeObject[], at: Millis): string[] {
  const present: string[] = [];
  for (const object of objects) {
    const view = object as unknown as PodView;
    const ip = view.status?.podIP;
    if (ip === undefined) continue;
    present.push(ip);
    pods[ip] = noted(pods[ip], view, at);
    if (stateOf(view)?.terminated !== undefined) end(pods, ip, at);
  }
  return present;
}

function stateOf({ status }: PodView): { running?: object; terminated?: object } | undefined {
  return status?.containerStatuses?.[0]?.state;
}

/** What is known of a pod now; what was known before stays. */
function noted(known: Behaviour | undefined, view: PodView, at: Millis): Behaviour {
  const [container] = view.spec.containers;
  const unsure = known === undefined || (known.kind === 'fails' && known.failsFrom === undefined);
  const behaviour = unsure ? behaviourOf(container, stateOf(view)?.running === undefined ? undefined : at) : known;
  if (view.metadata.deletionTimestamp === undefined || behaviour.toldAt !== undefined) return behaviour;
  return { ...behaviour, toldAt: at + (container?.lifecycle?.preStop?.sleep?.seconds ?? 0) * 1000 };
}

function end(pods: Record<string, Behaviour>, ip: string, at: Millis): void {
  const known = pods[ip];
  if (known !== undefined && known.goneAt === undefined) pods[ip] = { ...known, goneAt: at };
}

function behaviourOf(container: Container | undefined, runningAt: Millis | undefined): Behaviour {
  if (container?.image === IDLE_IMAGE) return { kind: 'refuses' };
  const value = (name: string): string | undefined => container?.env?.find((entry) => entry.name === name)?.value;
  const status = value('status');
  if (status === undefined) return { kind: 'serves' };
  const after = Number((value('status_after') ?? '0s').replace('s', '')) * 1000;
  return {
    kind: 'fails',
    status: Number(status),
    ...(runningAt === undefined ? {} : { failsFrom: runningAt + after }),
  };
}
