import { isServing } from '../../../model/conditions.ts';
import { SERVICE_LABEL, sliceOf } from '../../../model/endpoint-slice.ts';
import { KINDS, type KubeObject } from '../../../model/kubernetes.ts';
import { type Labels, selectorText } from '../../../model/labels.ts';
import { addressesOf, isEnded } from '../../../model/pod-object.ts';
import type { Clock } from '../../../model/ports.ts';
import type { Millis } from '../../../model/units.ts';
import type { OpenCluster } from '../../wiring.ts';
import { kubectlFor, type Ruling } from '../guard.ts';

/** The EndpointSlice controller gathers changes of pods for less. */
const LAG_MS: Millis = 1_000;
/** So many pods are named. */
const NAMED = 3;

type ServiceSpec = { readonly selector?: Labels; readonly type?: string; readonly ipFamilies?: readonly string[] };

type Asking = {
  readonly open: OpenCluster;
  readonly clock: Clock;
  /** Where all Services have to be known. */
  readonly namespaces: readonly string[];
  /** Whether a fault hits a pod, by namespace and name. */
  readonly isHit: (namespace: string, pod: string) => boolean;
  readonly slices: () => Promise<readonly KubeObject[]>;
};

/**
 * The EndpointSlices of a cluster, and where they contradict its Services and pods, twice with a moment between: a proxy or a cache that
 * answers with a list which is empty, old or not whole. Pods are asked for of Services with a selector that have nobody ready by their
 * slices, or whom a fault hits: a list that lacks others makes a guard only stricter. Rejects where it cannot be asked for.
 */
export async function readSlices(
  asking: Asking,
): Promise<{ readonly slices: readonly KubeObject[]; readonly contradictions: readonly Ruling[] }> {
  const slices = await asking.slices();
  if ((await missing(asking, slices)).length === 0) return { slices, contradictions: [] };
  await asking.clock.sleep(LAG_MS);
  const again = await asking.slices();
  return { slices: again, contradictions: rulingOn(asking.open, await missing(asking, again)) };
}

type Missing = { readonly namespace: string; readonly service: string; readonly pods: readonly string[] };

async function missing({ open, namespaces, isHit }: Asking, slices: readonly KubeObject[]): Promise<Missing[]> {
  const { cluster } = open;
  const services = await Promise.all(namespaces.map((namespace) => cluster.list(KINDS.service, { namespace })));
  const found = services.flat().map(async ({ metadata, spec }): Promise<Missing[]> => {
    const { namespace = '', name: service = '', deletionTimestamp } = metadata;
    const { selector = {}, type, ipFamilies } = (spec ?? {}) as ServiceSpec;
    if (deletionTimestamp !== undefined || type === 'ExternalName' || Object.keys(selector).length === 0) return [];
    const told = readyIn(slices, namespace, service);
    if (told.size > 0 && ![...told].some((one) => isHit(namespace, one))) return [];
    const selected = await cluster.list(KINDS.pod, { namespace, labelSelector: selectorText(selector) });
    const isTold = (pod: KubeObject) => [pod.metadata.name ?? '', ...addressesOf(pod)].some((one) => told.has(one));
    const lacking = selected.filter((pod) => isSliced(pod, ipFamilies) && !isTold(pod));
    const pods = lacking.map((pod) => pod.metadata.name ?? '');
    return pods.length === 0 ? [] : [{ namespace, service, pods }];
  });
  return (await Promise.all(found)).flat();
}

/** Names of pods, and addresses, that the slices of a Service tell as ready. */
function readyIn(slices: readonly KubeObject[], namespace: string, service: string): ReadonlySet<string> {
  const own = slices.filter(
    ({ metadata }) => metadata.namespace === namespace && metadata.labels?.[SERVICE_LABEL] === service,
  );
  const ready = own
    .flatMap((slice) => sliceOf(slice).endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready !== false && conditions?.terminating !== true);
  return new Set(ready.flatMap(({ targetRef, addresses = [] }) => [...addresses, targetRef?.name ?? '']));
}

/** Whether a slice of a Service that selects it has to tell of a pod: one without an address of the Service's families is in none. */
function isSliced(pod: KubeObject, families: readonly string[] | undefined): boolean {
  const own = addressesOf(pod).filter((ip) => families?.includes(ip.includes(':') ? 'IPv6' : 'IPv4') ?? true);
  return isServing(pod) && !isEnded(pod) && own.length > 0;
}

function rulingOn(open: OpenCluster, found: readonly Missing[]): Ruling[] {
  const [first] = found;
  if (first === undefined) return [];
  const each = found.map(({ namespace, service, pods }) => `${namespace}/${service} (${podsText(pods)})`);
  const detail =
    `cluster ${open.cluster.name}: ready pods that Services select are in none of their EndpointSlices, as these were listed: ` +
    each.join(', ');
  const look = kubectlFor(open, `get endpointslices -n ${first.namespace}`);
  const hint =
    'What stands between here and the API server (a proxy, a cache) may answer with lists that are old or not whole, or the EndpointSlice ' +
    `controller of the cluster stands still. Look: ${look}`;
  return [{ refused: true, detail, hint }];
}

function podsText(pods: readonly string[]): string {
  const rest = pods.length > NAMED ? ` and ${pods.length - NAMED} more` : '';
  return `${pods.slice(0, NAMED).join(', ')}${rest}`;
}
