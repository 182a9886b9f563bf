import { FaultlineError } from '../model/errors.ts';
import type { Cluster } from '../model/ports.ts';

/** Stands for a cluster that is gone: nothing is in it, and nothing is written to it. No request is made. */
export function goneCluster({ name, region }: Pick<Cluster, 'name' | 'region'>): Cluster {
  const gone = async (): Promise<never> => {
    throw new FaultlineError('TARGET_UNREACHABLE', `cluster ${name} is gone`);
  };
  return {
    ...{ name, region },
    get: async () => undefined,
    list: async () => [],
    observe: async () => {},
    delete: async () => {},
    proxyAdmin: () => ({ get: gone }),
    ...{ create: gone, patch: gone, exec: gone, can: gone, podProxy: gone, identity: gone },
  };
}
