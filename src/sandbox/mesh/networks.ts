import { gatewaysOf, networkOf, SYSTEM_NAMESPACE } from '../../mesh/east-west.ts';
import type { NetworkGateway } from '../../mesh/networks.ts';
import { KINDS } from '../../model/kubernetes.ts';
import type { ObjectStore } from '../api/store.ts';

/** Istio's network of a pod of a cluster; empty where nothing names one. */
export function networkIn(store: ObjectStore, labels: Readonly<Record<string, string>> | undefined): string {
  return networkOf(labels, store.get({ ...KINDS.namespace, name: SYSTEM_NAMESPACE }));
}

/** The east-west gateways of all networks, as each istiod reads them from the Services of all clusters. */
export function networkGateways(all: ReadonlyMap<string, ObjectStore>): NetworkGateway[] {
  return [...all].flatMap(([cluster, store]) =>
    store.list(KINDS.service).flatMap((service) => gatewaysOf(cluster, service)),
  );
}
