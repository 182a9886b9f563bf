import type { Guard, Ruling, Targeted } from './guard.ts';
import { kubectlFor } from './guard.ts';

/** A context is only a name: it may lead to another cluster tomorrow. */
export const identity: Guard = {
  name: 'identity',
  spares: 'practice',
  check: async ({ inputs: { clusters }, topology }) => unpinned({ clusters, topology }),
  ofTarget: { refuses: 'every run', check: async (targeted) => unpinned(targeted) },
};

function unpinned({ clusters, topology }: Pick<Targeted, 'clusters' | 'topology'>): Ruling[] {
  return [...clusters].flatMap(([name, open]) => {
    if (open.uid !== undefined) return [];
    const found = topology.clusters.find((cluster) => cluster.name === name)?.uid;
    return {
      refused: true,
      detail: `cluster ${name}: the targets file does not pin it by uid`,
      hint: `If this is the one (${kubectlFor(open, 'get namespace kube-system -o yaml')}), write: uid: ${found}`,
    };
  });
}
