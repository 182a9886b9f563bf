import type { Clock, PodCluster } from '../model/ports.ts';
import { execIn } from './exec.ts';
import { followLog } from './follow-log.ts';
import { proxyAdmin } from './proxy-admin.ts';
import { apiPath } from './resources.ts';
import type { Rest } from './rest.ts';
import type { SigningConfig } from './signing.ts';

/** What a PodCluster can do with single pods. `cluster` is the logical name, for messages. */
export function podAccess(
  rest: Rest,
  config: SigningConfig,
  cluster: string,
  clock: Clock,
): Pick<PodCluster, 'podProxy' | 'podPatch' | 'podLog' | 'exec' | 'proxyAdmin'> {
  const pathOf = (namespace: string, pod: string) =>
    `${apiPath('v1')}/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}`;
  return {
    podProxy: (namespace, pod, port, path) =>
      rest.text({
        method: 'GET',
        path: `${pathOf(namespace, pod)}:${port}/proxy${path}`,
        program: true,
        what: `read port ${port} of pod ${namespace}/${pod}`,
      }),
    podPatch: (namespace, pod, port, path, body) =>
      rest.text({
        method: 'PATCH',
        path: `${pathOf(namespace, pod)}:${port}/proxy${path}`,
        body,
        program: true,
        what: `write to port ${port} of pod ${namespace}/${pod}`,
      }),
    proxyAdmin: (where, signal) => proxyAdmin({ config, cluster, server: rest.server }, where, signal),
    exec: (where, command) => execIn({ config, cluster, server: rest.server }, where, command),
    podLog: ({ namespace, pod, container }, onLine, signal) => {
      const path = `${pathOf(namespace, pod)}/log`;
      const what = `log of ${container} in pod ${namespace}/${pod}`;
      return followLog({ config, cluster, server: rest.server, path, container, what, clock }, onLine, signal);
    },
  };
}
