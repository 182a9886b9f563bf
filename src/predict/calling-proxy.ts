import type { ClientProxy } from '../mesh/client-proxy.ts';
import type { Subset } from '../mesh/cluster-config.ts';
import type { DirectProxy } from '../mesh/direct-proxy.ts';
import type { ServicePort } from '../mesh/istiod/service-port.ts';
import type { SimPod } from './world.ts';

/** How calls of a pod leave its proxy: balanced by the mesh, past the mesh to whom kube-proxy chooses, or not at all. */
export type Way =
  | { readonly kind: 'mesh'; readonly proxy: ClientProxy; readonly port: ServicePort; readonly subset: Subset }
  | { readonly kind: 'past'; readonly proxy: DirectProxy; readonly port: ServicePort; readonly why: string }
  | { readonly kind: 'none'; readonly why: string };

/** One calling pod, and what it calls. */
export type CallingProxy = {
  readonly caller: SimPod;
  readonly called: {
    /** `namespace/name` */
    readonly service: string;
    readonly host: string;
  };
  readonly way: Way;
};

/** Those of the proxies' clusters that the mesh balances. */
export function balancedOf(proxies: readonly CallingProxy[]): ClientProxy[] {
  return proxies.flatMap(({ way }) => (way.kind === 'mesh' ? [way.proxy] : []));
}
