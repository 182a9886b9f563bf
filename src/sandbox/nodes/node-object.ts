import { KINDS, type KubeObject, REGION_LABEL, ZONE_LABEL } from '../../model/kubernetes.ts';
import { type ClusterLayout, nodeName, type SandboxZone } from '../topology.ts';
import { providerMarks } from './providers.ts';

/** Address of a zone's node; nothing listens there. */
export function nodeIp(zone: SandboxZone): string {
  return `10.0.${zone.number}.2`;
}

/** The node of a zone as its kubelet registers it. */
export function nodeObject(cluster: ClusterLayout, zone: SandboxZone, now: string): KubeObject {
  const name = nodeName(zone);
  const { providerID, labels } = providerMarks(cluster, zone, name);
  const resources = { cpu: '8', memory: '32Gi', pods: '110', 'ephemeral-storage': '100Gi' };
  return {
    ...KINDS.node,
    metadata: {
      name,
      labels: {
        [REGION_LABEL]: cluster.region,
        [ZONE_LABEL]: zone.name,
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        ...labels,
      },
    },
    spec: { providerID },
    status: {
      capacity: resources,
      allocatable: resources,
      addresses: [
        { type: 'InternalIP', address: nodeIp(zone) },
        { type: 'Hostname', address: name },
      ],
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'KubeletReady',
          message: 'kubelet is posting ready status',
          lastHeartbeatTime: now,
          lastTransitionTime: now,
        },
      ],
      nodeInfo: {
        kubeletVersion: `v${cluster.kubernetes}`,
        operatingSystem: 'linux',
        architecture: 'amd64',
        osImage: 'faultline sandbox',
        containerRuntimeVersion: 'containerd://2.1.0',
      },
    },
  };
}
