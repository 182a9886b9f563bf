import { expect } from 'chai';
import { parseTargets } from '../../scenario/index.ts';
import { topologyNamed } from '../../topologies/index.ts';
import { labCluster } from '../testing/clusters.ts';
import { labClusters } from '../topology.ts';
import { targetsText } from './access.ts';

const UID = '0b8a3c1e-5f7d-4c2b-9a61-2f4d8e7c1b90';

describe('targets file of the lab', () => {
  it('is one that a run takes, with every gateway, and lets faults touch the applications only', () => {
    const cluster = labCluster('tokyo');
    const address = { host: '127.210.0.41', port: 80 };
    const text = targetsText([{ cluster, uid: UID, gateways: [{ zone: 'ap-northeast-1a', address }] }], 'admin', {
      host: '127.210.0.1',
      port: 1,
    });
    const parsed = parseTargets(text, '/lab/targets.yaml');
    if (!parsed.ok) expect.fail(JSON.stringify(parsed.diagnostics));
    const { name, namespaces, observe, clusters, prometheus } = parsed.value;
    expect(prometheus?.url).to.equal('http://127.210.0.1:1');
    expect({ name, namespaces }).to.deep.equal({ name: 'lab', namespaces: ['default', 'istio-system'] });
    expect(observe.gateways).to.deep.equal([{ namespace: 'istio-system', selector: { istio: 'ingressgateway' } }]);
    expect(clusters).to.deep.equal([
      {
        name: 'tokyo',
        region: 'ap-northeast-1',
        kubeconfig: '/lab/kubeconfig',
        context: 'tokyo',
        uid: UID,
        gateways: [{ zone: 'ap-northeast-1a', address: { kind: 'url', protocol: 'http', ...address } }],
      },
    ]);
  });

  it('names the network of each cluster where they are several', () => {
    const reached = labClusters(topologyNamed('two-networks')).map((cluster) => ({ cluster, uid: UID, gateways: [] }));
    const text = targetsText(reached, 'admin', undefined);
    expect(text).not.to.contain('configuredBy');
    expect([...text.matchAll(/network: (\S+)/g)].map(([, name]) => name)).to.deep.equal(['vpc-hangzhou', 'vpc-tokyo']);
  });

  it('says whose istiod configures the proxies of a cluster that has none', () => {
    const clusters = labClusters(topologyNamed('remote-control-plane'));
    const reached = clusters.map((cluster) => ({ cluster, uid: UID, gateways: [] }));
    const text = targetsText(reached, 'drill', undefined);
    expect(text.match(/(name|configuredBy): .*/g)).to.deep.equal([
      'name: lab',
      'name: hangzhou',
      'configuredBy: tokyo',
      'name: tokyo',
    ]);
  });
});
