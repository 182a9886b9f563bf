import type { Check } from '../../model/engine.ts';
import { messageOf } from '../../model/errors.ts';
import { KINDS } from '../../model/kubernetes.ts';
import { selectorText } from '../../model/labels.ts';
import type { Cluster } from '../../model/ports.ts';
import type { ObservedScope } from '../../model/target.ts';
import { type Caller, callersIn } from '../../observe/callers.ts';
import { meshVersions } from '../../observe/mesh-version.ts';

/** Longest wait for a proxy, in milliseconds. */
const ANSWER_LIMIT_MS = 10_000;

/** What a proxy says of itself (Envoy's admin, `/server_info`), as far as it does. */
type ServerInfo = {
  /** Commit, version, state of the sources, kind of build, library for TLS, between slashes. */
  readonly version?: string;
  readonly node?: { readonly metadata?: { readonly ISTIO_VERSION?: string } };
};

type Heard = { readonly caller: Caller; readonly info?: ServerInfo; readonly problem?: string };

/**
 * Whether calling proxies can be read on their admin port, and which Istio and Envoy they say that they are: one of each
 * observed namespace and gateway is asked. No run hangs on it.
 */
export async function checkProxies(cluster: Cluster, scope: ObservedScope): Promise<Check> {
  const what = `cluster ${cluster.name} proxies`;
  try {
    const asked = await oneOfEach(cluster, scope);
    if (asked.length === 0) return { what, ok: false, optional: true, detail: NOBODY.detail, fix: NOBODY.fix };
    const heard = await Promise.all(asked.map((caller) => ask(cluster, caller)));
    const deaf = heard.flatMap(({ caller, problem }) =>
      problem === undefined ? [] : [`${caller.namespace}/${caller.pod}: ${problem}`],
    );
    if (deaf.length > 0) return { what, ok: false, optional: true, detail: `not read: ${deaf.join('; ')}`, fix: READ };
    return { what, ok: true, detail: versionsText(heard, (await meshVersions([cluster], scope)).get(cluster.name)) };
  } catch (error) {
    return { what, ok: false, optional: true, detail: messageOf(error), fix: READ };
  }
}

const NOBODY = {
  detail: 'no ready pod with a sidecar, and no gateway',
  fix: 'Label the namespaces for injection (istio-injection=enabled, or istio.io/rev), and restart their workloads.',
};
const READ =
  'Grant get and create of pods/portforward, or create of pods/exec (`faultline plan --rbac` prints them). Without them the proxies’ metrics tell which workloads they call, and no hosts.';

async function oneOfEach(cluster: Cluster, { namespaces, gateways = [] }: ObservedScope): Promise<Caller[]> {
  const places = [
    ...gateways.map(({ namespace, selector }) => ({ namespace, labelSelector: selectorText(selector) })),
    ...namespaces.map((namespace) => ({ namespace })),
  ];
  const found = await Promise.all(
    places.map(async (place, at) => {
      const pods = await cluster.list(KINDS.pod, place);
      return callersIn([{ what: '', pods, gateway: at < gateways.length }], () => '').known.slice(0, 1);
    }),
  );
  return found.flat();
}

async function ask(cluster: Cluster, caller: Caller): Promise<Heard> {
  const ending = new AbortController();
  try {
    const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(ANSWER_LIMIT_MS)]);
    const text = await cluster.proxyAdmin({ namespace: caller.namespace, pod: caller.pod }, signal).get('/server_info');
    return { caller, info: JSON.parse(text) as ServerInfo };
  } catch (error) {
    return { caller, problem: messageOf(error) };
  } finally {
    // Its connection is kept open as long as the signal lets it.
    ending.abort();
  }
}

function versionsText(heard: readonly Heard[], byImages: string | undefined): string {
  const istio = heard.map(({ info }) => info?.node?.metadata?.ISTIO_VERSION ?? byImages);
  const envoy = heard.map(({ info }) => info?.version?.split('/')[1]);
  const counted = `${heard.length} of them asked, one of each place`;
  return `Istio ${listed(istio)}, Envoy ${listed(envoy)} (${counted})`;
}

function listed(versions: readonly (string | undefined)[]): string {
  const known = [...new Set(versions.flatMap((version) => version ?? []))].sort();
  return known.length === 0 ? 'of a version that nothing tells' : known.join(' and ');
}
