import type { KubeObject } from '../model/kubernetes.ts';
import { hasLabels } from '../model/labels.ts';
import { hostMatches, type JsonObject, namespaceOf, number, object, objects, strings, text } from './config-read.ts';
import type { RouteCaller } from './route-match.ts';
import { oldestFirst } from './visibility.ts';

/** What one sidecar has of the mesh. */
type SidecarScope = {
  /** Whether a Service is one for it, on that port. */
  sees(service: { readonly host: string; readonly namespace: string; readonly port: number }): boolean;
  /** Whether it lets calls to anything else pass; they are lost otherwise. */
  readonly passesStrangers: boolean;
};

/**
 * The Sidecar that holds for a proxy (Istio: PushContext.getSidecarScope): of its namespace the oldest that selects it, else
 * the one that selects nobody, else the root namespace's. A gateway has none. `mode` is MeshConfig's outboundTrafficPolicy.
 */
export function sidecarScope(options: {
  readonly sidecars: readonly KubeObject[];
  readonly rootNamespace: string;
  readonly caller: RouteCaller;
  readonly mode: string | undefined;
}): SidecarScope {
  const { sidecars, rootNamespace, caller } = options;
  const own = oldestFirst(sidecars.filter((item) => namespaceOf(item) === caller.namespace));
  const root = oldestFirst(sidecars.filter((item) => namespaceOf(item) === rootNamespace));
  const found =
    own.find((item) => !isForAll(item) && hasLabels(caller.labels, labelsOf(item))) ?? [...own, ...root].find(isForAll);
  const spec = object(found?.spec);
  const mode = text(object(spec.outboundTrafficPolicy).mode) ?? options.mode ?? 'ALLOW_ANY';
  const egress = objects(spec.egress);
  return {
    sees: (service) => egress.length === 0 || egress.some((listener) => names(listener, service, caller.namespace)),
    passesStrangers: mode !== 'REGISTRY_ONLY',
  };
}

function labelsOf(item: KubeObject): JsonObject {
  return object(object(object(item.spec).workloadSelector).labels);
}

function isForAll(item: KubeObject): boolean {
  return Object.keys(labelsOf(item)).length === 0;
}

type Service = Parameters<SidecarScope['sees']>[0];

/** Hosts are `namespace/name`; `~` before the namespace takes what it names out again. */
function names(listener: JsonObject, service: Service, ownNamespace: string): boolean {
  const port = number(object(listener.port).number);
  if (port !== undefined && port !== 0 && port !== service.port) return false;
  const hosts = strings(listener.hosts);
  const fits = (entry: string): boolean => {
    const [namespace = '', host = '*'] = entry.split('/', 2);
    const place = namespace === '.' ? ownNamespace : namespace;
    return (place === '*' || place === service.namespace) && hostMatches(host, service.host);
  };
  const excluded = hosts.some((entry) => entry.startsWith('~') && fits(entry.slice(1)));
  return !excluded && hosts.some((entry) => !entry.startsWith('~') && fits(entry));
}
