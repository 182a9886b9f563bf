import type { LabCluster } from '../topology.ts';
import type { Site } from './lab-cluster.ts';
import { run } from './run.ts';

/** A Service by its place. */
type ServiceRef = { readonly namespace: string; readonly name: string };

/** An address of a Service of type LoadBalancer; kube-proxy takes a `VIP` for one of its own, and leaves a `Proxy` alone. */
type Ingress = { readonly ip: string; readonly ipMode: 'Proxy' | 'VIP' };

/** Writes the address of a Service into its status, as a cloud does that has a load balancer for it. */
export async function tellAddress(
  cluster: LabCluster,
  { namespace, name }: ServiceRef,
  ingress: Ingress,
  { folder, parts }: Site,
): Promise<void> {
  const status = { loadBalancer: { ingress: [ingress] } };
  const where = [`--kubeconfig=${folder}/kubeconfig`, `--context=${cluster.name}`, `--namespace=${namespace}`];
  const cache = `--cache-dir=${folder}/kubectl`;
  const patch = ['--subresource=status', '--type=merge', '--patch', JSON.stringify({ status })];
  await run([parts.programs.kubectl, ...where, cache, 'patch', 'service', name, ...patch]);
}
