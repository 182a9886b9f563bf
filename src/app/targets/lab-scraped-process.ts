// Part of the lab: tells its Prometheus which proxies there are, since Debian's is built without Kubernetes discovery.
// Arguments: kubeconfigs, each of one cluster, whose name its context has. Writes NAME.json beside each NAME.kubeconfig.
import { renameSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { openCluster } from '../../kube/kubeconfig.ts';
import { scrapedPods } from '../../lab/up/scraped-pods.ts';
import { KINDS } from '../../model/kubernetes.ts';
import { systemClock } from '../../run/system-clock.ts';

const SUFFIX = '.kubeconfig';

async function follow(kubeconfig: string): Promise<void> {
  const name = basename(kubeconfig, SUFFIX);
  const cluster = openCluster({ name, region: '', kubeconfig, context: name, gateways: [] }, systemClock);
  const file = `${kubeconfig.slice(0, -SUFFIX.length)}.json`;
  let written = '';
  await cluster.observe(
    KINDS.pod,
    {},
    (pods) => {
      const text = JSON.stringify(scrapedPods(name, pods));
      if (text === written) return;
      writeFileSync(`${file}.tmp`, text);
      renameSync(`${file}.tmp`, file);
      written = text;
    },
    new AbortController().signal,
  );
}

await Promise.all(process.argv.slice(2).map(follow));
