import { existsSync } from 'node:fs';
import { KubeConfig } from '@kubernetes/client-node';
import { FaultlineError } from '../model/errors.ts';
import type { Clock } from '../model/ports.ts';
import type { TargetCluster } from '../model/target.ts';
import { withoutUser } from '../model/without-user.ts';
import { type KubeCluster, kubeCluster } from './cluster.ts';
import { kubectlOptions, unreadText } from './contexts.ts';
import { takePlugins } from './credential-plugin.ts';

/**
 * Opens one cluster of a target. The context is always the one the target names; the kubeconfig's own current context
 * is never used. One KubeConfig for each cluster: the client caches tokens by user name.
 */
export function openCluster(target: TargetCluster, clock: Clock): KubeCluster {
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
    const what = `cluster ${target.name}: kubeconfig ${target.kubeconfig} cannot be read: ${unreadText(error)}`;
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
  const plugins = takePlugins(config, target.name, clock);
  config.setCurrentContext(target.context);
  refusePlainHttp(config, target);
  const { name, region, kubeconfig, context, configuredBy } = target;
  const opened = kubeCluster({ name, region, kubectl: kubectlOptions({ kubeconfig, context }), config, clock });
  const close = () => {
    opened.close();
    plugins.end();
  };
  return { ...opened, close, ...(configuredBy === undefined ? {} : { configuredBy }) };
}

/** Opens the cluster in which this process runs as a pod, by its service account; `name` is what plans call it. */
export function openOwnCluster(name: string, clock: Clock): KubeCluster {
  const config = new KubeConfig();
  if (process.env.KUBERNETES_SERVICE_HOST === undefined) {
    throw new FaultlineError('TARGET_UNREACHABLE', `cluster ${name}: this process does not run in a pod`, {
      hint: 'Name a targets file: --target.',
    });
  }
  config.loadFromCluster();
  return kubeCluster({ name, region: '', config, clock });
}

/** The Kubernetes client sends nothing over plain HTTP unless the kubeconfig gives up the check of the server. */
function refusePlainHttp(config: KubeConfig, { name, kubeconfig, context }: TargetCluster): void {
  const cluster = config.getCurrentCluster();
  if (cluster === null || cluster.skipTLSVerify === true || !/^http:/i.test(cluster.server)) return;
  throw new FaultlineError(
    'TARGET_UNREACHABLE',
    `cluster ${name}: context ${context} in ${kubeconfig} names ${withoutUser(cluster.server)}, which is plain HTTP: nobody could tell who answers`,
    {
      hint: `Name an https server. Where plain HTTP is meant, as behind kubectl proxy, set insecure-skip-tls-verify: true for cluster ${cluster.name} in the kubeconfig.`,
    },
  );
}
