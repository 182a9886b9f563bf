import { apply } from './apply.ts';
import { ready, remoteSecretOf, type Site, type StartedCluster } from './lab-cluster.ts';
import { ISTIOD } from './mesh-objects.ts';
import { proxiesReady } from './readiness.ts';
import { tellAddress } from './tell-address.ts';
import { together } from './together.ts';

/**
 * Has the proxies of each cluster without an istiod served by that of another one; resolves when pods can be made there. That istiod is
 * told of the cluster when everything else is there: it asks only once whether it may write to it (Istio: checkShouldLead).
 */
export async function serveRemotes(all: readonly StartedCluster[], site: Site): Promise<void> {
  const served = all.flatMap((remote) => {
    const serving = all.find(({ cluster }) => cluster.name === remote.cluster.configuredBy);
    return serving === undefined ? [] : [serve(serving, remote, site)];
  });
  await together(site.stop, served);
}

async function serve(serving: StartedCluster, remote: StartedCluster, site: Site): Promise<void> {
  const { cluster, api } = serving;
  const { name } = remote.cluster;
  await tellAddress(cluster, ISTIOD, { ip: cluster.wayIn, ipMode: 'VIP' }, site);
  await apply(api, [remoteSecretOf(remote.cluster, site)], site.waiting);
  await ready(site, `${name}: what the istiod of ${cluster.name} does for it`, () => proxiesReady(remote.api));
  site.say(`${name}: the istiod of ${cluster.name} serves it`);
}
