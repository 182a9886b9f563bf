import { inContext } from '../model/kubectl.ts';
import { ENABLED_LABEL } from '../model/kubernetes.ts';
import type { KubectlOptions } from '../model/ports.ts';
import type { GatewayPods } from '../model/target.ts';
import { visible } from '../model/visible.ts';
import { flow } from './yaml-text.ts';

/** A way into a cluster, as a targets file has it: an address, or a Service whose address is looked up. */
export type StarterGateway = {
  readonly zone: string;
  readonly address?: string;
  readonly service?: {
    readonly namespace: string;
    readonly name: string;
    readonly port: number;
    readonly protocol?: 'https';
  };
};

export type StarterCluster = {
  readonly name: string;
  readonly region: string;
  readonly kubeconfig: string;
  readonly kubectl?: KubectlOptions;
  readonly context: string;
  readonly uid: string;
  /** Name of the cluster whose istiod serves its proxies; absent where that is its own. */
  readonly configuredBy?: string;
  readonly gateways: readonly StarterGateway[];
};

/** What a targets file to start from is about. */
type StarterTargets = {
  readonly clusters: readonly StarterCluster[];
  /** Where faults may go. */
  readonly namespaces: readonly string[];
  readonly observe: { readonly namespaces: readonly string[]; readonly gateways: readonly GatewayPods[] };
};

/** A commented targets file; its schema for editors is expected beside it. */
export function starterTargets({ clusters, namespaces, observe }: StarterTargets): string {
  const allow = `kubectl label namespace ${namespaces.join(' ')} ${ENABLED_LABEL}=true`;
  return `# yaml-language-server: $schema=./targets.schema.json
# Written by faultline init from what the clusters are. Check it:  faultline doctor --target FILE
apiVersion: faultline/v1alpha1
kind: Targets
metadata: {name: clusters}
spec:
  # Where faults may go, and nowhere else. Each must allow it, in every cluster:
${clusters.map((cluster) => `  #   ${commentText(inContext(allow, cluster))}\n`).join('')}  namespaces: ${flow(namespaces)}
  # What is watched beside the requests. Nothing here lets a fault touch anything.
  observe:
    namespaces: ${flow(observe.namespaces)}
    gateways:
${observe.gateways.map((pods) => `      - ${flow(pods)}\n`).join('')}  clusters:
${clusters.map(clusterText).join('')}  # Puts changed objects back if the runner dies; without it such faults are refused unless --no-dead-man is said.
  # deadMan: {image: "registry.example/faultline@sha256:...", serviceAccount: faultline-dead-man}
`;
}

/** In one line of a comment, whatever somebody has called a context. */
function commentText(text: string): string {
  return visible(text).replaceAll(/\s/g, ' ');
}

function clusterText({ name, region, kubeconfig, context, uid, configuredBy, gateways }: StarterCluster): string {
  const configured =
    configuredBy === undefined ? '' : `      configuredBy: ${flow(configuredBy)}   # whose istiod serves its proxies\n`;
  return `    - name: ${flow(name)}
      region: ${flow(region)}
      kubeconfig: ${flow(kubeconfig)}
      context: ${flow(context)}
      uid: ${uid}   # of its namespace kube-system: a run in any other cluster is refused
${configured}      gateways:
${gateways.map(({ zone, address, service }) => `        - ${flow(address === undefined ? { zone, service } : { zone, address })}\n`).join('')}`;
}
