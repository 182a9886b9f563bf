import { SERVICE_LABEL } from '../../model/endpoint-slice.ts';
import { KINDS, type KubeObject, ZONE_LABEL } from '../../model/kubernetes.ts';
import { timestamp } from '../api/identity.ts';
import { asMap, asObject, at, isMap, type JsonMap, mapOf, sameJson, stringOf } from '../api/json.ts';
import { type Controller, type ControllerContext, keyOf, splitKey } from './controller.ts';
import { type SliceContent, slicesOf } from './endpoint-slice-content.ts';
import { controllerReference, isControlledBy } from './owners.ts';

const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const MANAGER = 'endpointslice-controller.k8s.io';
const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time';

/** Keeps the EndpointSlices of every Service with a selector (pkg/controller/endpointslice). */
export function endpointSliceController(context: ControllerContext): Controller {
  const { store } = context;
  const zones = new Map<string, string | undefined>();
  const servicesOf = (namespace: string | undefined): string[] =>
    store
      .list(KINDS.service, namespace)
      .filter((service) => isMap(at(service, 'spec', 'selector')))
      .map(({ metadata }) => keyOf(metadata.namespace, metadata.name));
  const zoneMoved = (node: KubeObject): boolean => {
    const { name = '', labels } = node.metadata;
    const moved = zones.get(name) !== labels?.[ZONE_LABEL];
    zones.set(name, labels?.[ZONE_LABEL]);
    return moved;
  };
  return {
    name: MANAGER,
    keys({ object }) {
      const { namespace, name, labels } = object.metadata;
      switch (object.kind) {
        case KINDS.service.kind:
          return [keyOf(namespace, name)];
        case KINDS.pod.kind:
          return servicesOf(namespace);
        case KINDS.node.kind:
          return zoneMoved(object) ? servicesOf(undefined) : [];
        case KINDS.endpointSlice.kind:
          return labels?.[MANAGED_BY] === MANAGER ? [keyOf(namespace, labels[SERVICE_LABEL])] : [];
        default:
          return [];
      }
    },
    reconcile(key) {
      const service = store.get({ ...KINDS.service, ...splitKey(key) });
      const live = service !== undefined && service.metadata.deletionTimestamp === undefined;
      if (live && isMap(at(service, 'spec', 'selector'))) syncService(service, context);
      return undefined;
    },
  };
}

function syncService(service: KubeObject, context: ControllerContext): void {
  const { store } = context;
  const { namespace = '' } = service.metadata;
  const pods = store.list(KINDS.pod, namespace);
  const nodes = new Map(store.list(KINDS.node).map((node) => [node.metadata.name ?? '', node]));
  const wanted = slicesOf(service, pods, nodes);
  const existing = store.list(KINDS.endpointSlice, namespace).filter((slice) => isControlledBy(slice, service));
  for (const [index, content] of wanted.entries()) {
    const slice = existing[index];
    if (slice === undefined) create(service, content, context);
    else update(slice, content, context);
  }
  for (const { metadata } of existing.slice(wanted.length)) {
    store.delete({ ...KINDS.endpointSlice, namespace, name: metadata.name ?? '' });
  }
}

function create(service: KubeObject, content: SliceContent, { store, clock }: ControllerContext): void {
  const { namespace = '', name = '', labels } = service.metadata;
  const headless =
    stringOf(at(service, 'spec', 'clusterIP')) === 'None' ? { 'service.kubernetes.io/headless': '' } : {};
  store.create({
    ...KINDS.endpointSlice,
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: { ...labels, ...headless, [MANAGED_BY]: MANAGER, [SERVICE_LABEL]: name },
      annotations: { [TRIGGER_TIME]: timestamp(clock) },
      ownerReferences: [controllerReference(service, KINDS.service)],
    },
    addressType: 'IPv4',
    endpoints: [...content.endpoints],
    ports: [...content.ports],
  });
}

function update(slice: KubeObject, content: SliceContent, { store, clock }: ControllerContext): void {
  const map = asMap(slice);
  const fields: JsonMap = { endpoints: [...content.endpoints], ports: [...content.ports] };
  if (sameJson(map.endpoints, fields.endpoints) && sameJson(map.ports, fields.ports)) return;
  const annotations = { ...mapOf(slice.metadata.annotations), [TRIGGER_TIME]: timestamp(clock) };
  store.update(asObject({ ...map, ...fields, metadata: { ...mapOf(map.metadata), annotations } }));
}
