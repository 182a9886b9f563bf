import type { Mesh } from './mesh.ts';

/** A configuration met in the field, what is done to the vendor page's mesh to have it, and what lint must say of it but notes. */
export type LintCase = { readonly name: string; readonly edit: (mesh: Mesh) => void; readonly says: readonly string[] };

/** A DestinationRule in YAML. */
export const rule = (name: string, spec: string, namespace = 'default'): string =>
  `{kind: DestinationRule, metadata: {name: ${name}, namespace: ${namespace}}, spec: ${spec}}`;
/** A VirtualService in YAML. */
export const route = (name: string, spec: string): string =>
  `{kind: VirtualService, metadata: {name: ${name}}, spec: ${spec}}`;

/** Has both clusters in the same two zones. */
export function sameZones(mesh: Mesh): void {
  mesh.pods = mesh.pods.map((pod) => {
    const zone = pod.locality.zone
      .replace('cn-hangzhou-h', 'ap-northeast-1a')
      .replace('cn-hangzhou-k', 'ap-northeast-1b');
    return { ...pod, locality: { region: 'ap-northeast-1', zone, subzone: '' } };
  });
  const clusters = mesh.target.clusters.map((cluster) => {
    const gateways = cluster.gateways.map((gateway, index) => ({ ...gateway, zone: `ap-northeast-1${'ab'[index]}` }));
    return { ...cluster, region: 'ap-northeast-1', gateways };
  });
  mesh.target = { ...mesh.target, clusters };
}
