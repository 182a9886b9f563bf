import type { Provider } from '../../topologies/index.ts';
import type { ClusterLayout, SandboxZone } from '../topology.ts';

/** What a provider's cloud controller writes on the nodes that it brings. */
type Marks = { readonly providerID: string; readonly labels: Readonly<Record<string, string>> };

/** As nodes of their managed Kubernetes have it: ACK's `REGION.INSTANCE`, EKS's `aws:///ZONE/INSTANCE`. */
const MARKS: Readonly<Record<Provider, (region: string, zone: SandboxZone) => Marks>> = {
  alicloud: (region, { number }) => ({
    providerID: `${region}.i-bp1faultline${instance(number, 8)}`,
    labels: {
      'node.kubernetes.io/instance-type': 'ecs.g7.2xlarge',
      'alibabacloud.com/nodepool-id': 'npfaultline',
    },
  }),
  aws: (_region, { name, number }) => ({
    providerID: `aws:///${name}/i-0${instance(number, 16)}`,
    labels: {
      'node.kubernetes.io/instance-type': 'm7i.2xlarge',
      'eks.amazonaws.com/nodegroup': 'faultline',
    },
  }),
};

/** What says whose machine the node of a zone is. */
export function providerMarks({ name, region, provider }: ClusterLayout, zone: SandboxZone, node: string): Marks {
  if (provider !== undefined) return MARKS[provider](region, zone);
  return { providerID: `sandbox://${name}/${node}`, labels: {} };
}

function instance(number: number, digits: number): string {
  return number.toString(16).padStart(digits, '0');
}
