import { expect } from 'chai';
import { openCluster } from '../../kube/kubeconfig.ts';
import { withoutLog } from '../../kube/proxy-admin.ts';
import { type HostState, readClusters } from '../../mesh/clusters-reader.ts';
import { KINDS } from '../../model/kubernetes.ts';
import type { PodCluster } from '../../model/ports.ts';
import { systemClock } from '../../run/system-clock.ts';
import type { KubectlContext } from './kube-kubectl.ts';

const PLACES = [
  { namespace: 'default', app: 'mocka', calls: 'mockb' },
  { namespace: 'istio-system', app: 'istio-ingressgateway', calls: 'mocka' },
] as const;
const FILTER = encodeURIComponent('[|.](mocka|mockb)[.](default)[.]svc');
const PAGE = `/clusters?format=json&filter=${FILTER}`;

/** What the admin port of a proxy tells of those it calls, over both ways that lead there. */
export function adminContract(where: () => KubectlContext): void {
  const ending = new AbortController();
  let cluster: PodCluster;
  before(() => {
    cluster = openCluster({ ...where(), name: where().context, region: 'r', gateways: [] }, systemClock);
  });
  after(() => ending.abort());

  async function podOf(namespace: string, app: string): Promise<string> {
    const pods = await cluster.list(KINDS.pod, { namespace });
    const name = pods.find(({ metadata }) => metadata.name?.startsWith(`${app}-`))?.metadata.name;
    if (name === undefined) throw new Error(`no pod of ${app} in ${namespace}`);
    return name;
  }

  for (const { namespace, app, calls } of PLACES) {
    it(`is reached in ${app} by port-forward, request after request, and tells of every zone of ${calls}`, async () => {
      const admin = cluster.proxyAdmin({ namespace, pod: await podOf(namespace, app) }, ending.signal);
      for (const path of [PAGE, PAGE, '/clusters?format=json']) {
        const hosts = hostsOf(await admin.get(path), calls);
        expect(hosts.map(({ zone }) => zone.replace(/-?.$/, ''))).to.have.members([
          'ap-northeast-1',
          'ap-northeast-1',
          'cn-hangzhou',
          'cn-hangzhou',
        ]);
        expect(hosts.every(({ healthy, ejected }) => healthy && !ejected)).to.equal(true);
        expect(Math.min(...hosts.map(({ priority }) => priority))).to.equal(0);
      }
    });

    it(`is reached in ${app} by exec`, async () => {
      const place = { namespace, pod: await podOf(namespace, app), container: 'istio-proxy' };
      const { code, stdout, stderr } = await cluster.exec(place, ['pilot-agent', 'request', 'GET', PAGE.slice(1)]);
      expect(code, stderr).to.equal(0);
      expect(hostsOf(withoutLog(stdout), calls)).to.have.length(4);
    });
  }
}

/** The hosts of the port that is called. */
function hostsOf(text: string, service: string): HostState[] {
  const found = readClusters(text, (name, namespace) => name === service && namespace === 'default');
  return [...(found.find(({ port }) => port === 8000)?.hosts.values() ?? [])];
}
