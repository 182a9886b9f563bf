import { SERVICE_LABEL } from '../../model/endpoint-slice.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { asMap, asObject, clone, listOf, mapOf, mapsOf, stringOf } from '../api/json.ts';
import type { ObjectStore } from '../api/store.ts';

/** A Service of a load balancer. */
type BalancedService = { readonly store: ObjectStore; readonly namespace: string; readonly name: string };

/** Where the load balancer sends what comes for a port of the Service: ready endpoints, each with its own port. */
export function readyTargets(
  { store, namespace, name }: BalancedService,
  port: number,
): { ip: string; port: number }[] {
  const found = store.get({ ...KINDS.service, namespace, name });
  const own = mapsOf(mapOf(found?.spec).ports).find((one) => one.port === port);
  return store
    .list(KINDS.endpointSlice, namespace)
    .filter((slice: KubeObject) => slice.metadata.labels?.[SERVICE_LABEL] === name)
    .flatMap((slice) => {
      const target = mapsOf(asMap(slice).ports).find((one) => one.name === own?.name)?.port;
      if (own === undefined || typeof target !== 'number') return [];
      return mapsOf(asMap(slice).endpoints)
        .filter((endpoint) => mapOf(endpoint.conditions).ready !== false)
        .flatMap((endpoint) => listOf(endpoint.addresses).map((ip) => ({ ip: stringOf(ip), port: target })));
    });
}

/** Writes the address of a Service into its status. */
export function announceAddress({ store, namespace, name }: BalancedService, ip: string): void {
  const found = store.get({ ...KINDS.service, namespace, name });
  if (found === undefined) return;
  const ingress = [{ ip, ipMode: 'VIP' }];
  const next = clone(asMap(found));
  if (JSON.stringify(mapOf(mapOf(next.status).loadBalancer).ingress) === JSON.stringify(ingress)) return;
  next.status = { loadBalancer: { ingress } };
  store.update(asObject(next), { subresource: 'status' });
}
