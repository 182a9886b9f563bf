import type { Target } from '../../model/target.ts';

/** A target whose runs arm a dead-man. */
export const DEAD_MAN_TARGET: Target = {
  name: 'bench',
  namespaces: ['default'],
  lockNamespace: 'default',
  observe: { namespaces: ['default'] },
  clusters: [],
  deadMan: { image: 'registry.example/faultline:1', serviceAccount: 'faultline-dead-man' },
};
