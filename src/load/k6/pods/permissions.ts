import { KINDS, type KubeKind } from '../../../model/kubernetes.ts';
import type { PodCluster } from '../../../model/ports.ts';

type Resource = KubeKind & { readonly subresource?: string };

/** What the engine does in the load cluster. */
const NEEDS: readonly (readonly [verb: string, resource: Resource])[] = [
  ['create', KINDS.testRun],
  ['get', KINDS.testRun],
  ['list', KINDS.testRun],
  ['delete', KINDS.testRun],
  ['create', KINDS.configMap],
  ['patch', KINDS.configMap],
  ['list', KINDS.configMap],
  ['delete', KINDS.configMap],
  ['list', KINDS.pod],
  ['get', { ...KINDS.pod, subresource: 'log' }],
  ['get', { ...KINDS.pod, subresource: 'proxy' }],
  ['patch', { ...KINDS.pod, subresource: 'proxy' }],
];

/** What the API server of the load cluster would not allow, in words. Rejects when it cannot be asked. */
export async function missingPermissions(cluster: PodCluster, namespace: string): Promise<string[]> {
  const answers = await Promise.all(
    NEEDS.map(async ([verb, kind]) => ((await cluster.can(verb, kind, namespace)) ? [] : [`${verb} ${nameOf(kind)}`])),
  );
  return answers.flat();
}

function nameOf({ kind, subresource }: Resource): string {
  return subresource === undefined ? kind : `${kind}/${subresource}`;
}
