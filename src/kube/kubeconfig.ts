import { existsSync } from 'node:fs';
import { KubeConfig } from '@kubernetes/client-node';
import { FaultlineError, messageOf } from '../model/errors.ts';
import type { Clock, PodCluster } from '../model/ports.ts';
import type { TargetCluster } from '../model/target.ts';
import { kubeCluster } from './cluster.ts';

/**
 * Opens one cluster of a target. The context is always the one the target names; the kubeconfig's own current context
 * is never used. One KubeConfig for each cluster: the client caches tokens by user name.
 */
export function openCluster(target: TargetCluster, clock: Clock): PodCluster {
  const config = new KubeConfig();
  if (!existsSync(target.kubeconfig)) {
    throw new FaultlineError(
      'FILE_UNREADABLE',
      `cluster ${target.name}: kubeconfig ${target.kubeconfig} does not exist`,
      { hint: 'A relative path counts from the folder of the targets file.' },
    );
  }
  try {
    config.loadFromFile(target.kubeconfig);
  } catch (error) {
    const what = `cluster ${target.name}: kubeconfig ${target.kubeconfig} cannot be read: ${messageOf(error)}`;
    throw new FaultlineError('FILE_UNREADABLE', what, { cause: error });
  }
  if (config.getContextObject(target.context) === null) {
    const known = config.getContexts().map((context) => context.name);
    throw new FaultlineError(
      'NAME_UNKNOWN',
      `cluster ${target.name}: no context ${target.context} in ${target.kubeconfig}`,
      {
        hint: known.length > 0 ? `It has: ${known.join(', ')}` : 'It has no contexts at all.',
      },
    );
  }
  // The client's watches put the path behind it as it is.
  config.clusters = config.getClusters().map((one) => ({ ...one, server: one.server.replace(/\/+$/, '') }));
  config.setCurrentContext(target.context);
  return kubeCluster({ name: target.name, region: target.region, config, clock });
}
