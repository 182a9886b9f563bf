import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { FaultlineError } from '../model/errors.ts';
import type { Clock } from '../model/ports.ts';
import type { TargetCluster } from '../model/target.ts';
import { withoutUser } from '../model/without-user.ts';
import { type KubeCluster, kubeCluster } from './cluster.ts';
import { kubectlOptions, unreadText } from './contexts.ts';
import { takeFields } from './kubeconfig-context.ts';
import { type ContextFields, fieldsOf, refuseFields } from './kubeconfig-fields.ts';
import { SigningConfig, signBy } from './signing.ts';
import { TokenFile } from './token-file.ts';

/**
 * Opens one cluster of a target. The context is always the one the target names; the kubeconfig's own current context
 * is never used. One configuration for each cluster: the client caches tokens by user name.
 */
export function openCluster(target: TargetCluster, clock: Clock): KubeCluster {
  const { name, region, kubeconfig, context, configuredBy } = target;
  const config = new SigningConfig();
  const fields = load(config, target);
  refuseFields(fields, `cluster ${name}: context ${context} in ${kubeconfig}`);
  const end = takeFields(config, fields, { cluster: name, kubeconfig, clock });
  refusePlainHttp(config, target);
  const opened = kubeCluster({ name, region, kubectl: kubectlOptions({ kubeconfig, context }), config, clock });
  const close = () => {
    opened.close();
    end();
  };
  return { ...opened, close, ...(configuredBy === undefined ? {} : { configuredBy }) };
}

/** Reads the kubeconfig of a target once, for the client and for what that drops. Its context is the current one then. */
function load(config: SigningConfig, { name, kubeconfig, context }: TargetCluster): ContextFields {
  const what = `cluster ${name}: kubeconfig ${kubeconfig}`;
  const text = read(kubeconfig, what);
  let fields: ContextFields;
  try {
    config.loadFromString(text);
    config.makePathsAbsolute(dirname(kubeconfig));
    fields = fieldsOf(text, context);
  } catch (error) {
    throw new FaultlineError('FILE_UNREADABLE', `${what} cannot be read: ${unreadText(error)}`, { cause: error });
  }
  if (config.getContextObject(context) === null) {
    const known = config.getContexts().map((one) => one.name);
    throw new FaultlineError('NAME_UNKNOWN', `cluster ${name}: no context ${context} in ${kubeconfig}`, {
      hint: known.length > 0 ? `It has: ${known.join(', ')}` : 'It has no contexts at all.',
    });
  }
  config.setCurrentContext(context);
  return fields;
}

function read(kubeconfig: string, what: string): string {
  try {
    return readFileSync(kubeconfig, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new FaultlineError('FILE_UNREADABLE', `${what} cannot be read: ${unreadText(cause)}`, { cause });
    throw new FaultlineError('FILE_UNREADABLE', `${what} does not exist`, {
      hint: 'A relative path counts from the folder of the targets file.',
    });
  }
}

/** Where the kubelet puts the token of a pod's service account, and replaces it before it expires. */
const TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** Opens the cluster in which this process runs as a pod, by its service account; `name` is what plans call it. */
export function openOwnCluster(name: string, clock: Clock): KubeCluster {
  const config = new SigningConfig();
  if (process.env.KUBERNETES_SERVICE_HOST === undefined) {
    throw new FaultlineError('TARGET_UNREACHABLE', `cluster ${name}: this process does not run in a pod`, {
      hint: 'Name a targets file: --target.',
    });
  }
  config.loadFromCluster();
  signBy(config, new TokenFile({ file: TOKEN, cluster: name, clock }));
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
