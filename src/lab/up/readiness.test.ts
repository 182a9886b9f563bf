import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { FakeCluster } from '../../faults/testing/fake-cluster.ts';
import { KINDS } from '../../model/kubernetes.ts';
import { answers, deploymentsReady, nodesReady, proxiesReady } from './readiness.ts';

describe('readiness of the lab', () => {
  it('counts a node when it says that it is ready', async () => {
    const cluster = new FakeCluster();
    const node = (name: string, status: string) =>
      cluster.add({ ...KINDS.node, metadata: { name }, status: { conditions: [{ type: 'Ready', status }] } });
    node('a', 'True');
    node('b', 'False');
    expect(await nodesReady(cluster, ['a', 'b', 'c'])).to.equal('not ready: b, c');
    expect(await nodesReady(cluster, ['a'])).to.equal(true);
  });

  it('counts a Deployment when all its pods are ready, as it is asked for now', async () => {
    const cluster = new FakeCluster();
    const deployment = (name: string, status: Record<string, number>, replicas = 2) =>
      cluster.add({
        ...KINDS.deployment,
        metadata: { name, namespace: 'default', generation: 2 },
        spec: { replicas },
        status,
      });
    deployment('whole', { observedGeneration: 2, readyReplicas: 2 });
    deployment('old', { observedGeneration: 1, readyReplicas: 2 });
    deployment('half', { observedGeneration: 2, readyReplicas: 1 });
    deployment('new', {});
    expect(await deploymentsReady(cluster, 'default')).to.equal('not ready: old, half, new');
    expect(await deploymentsReady(cluster, 'elsewhere')).to.equal(true);
  });

  it('counts an istiod when it injects pods and has written the root of their certificates', async () => {
    const cluster = new FakeCluster();
    expect(await proxiesReady(cluster)).to.equal('pods have no proxy');
    cluster.admit = (pod) => ({ ...pod, spec: { initContainers: [{ name: 'istio-proxy' }] } });
    expect(await proxiesReady(cluster)).to.equal('no istio-ca-root-cert in istio-system');
    const root = (namespace: string) =>
      cluster.add({ ...KINDS.configMap, metadata: { namespace, name: 'istio-ca-root-cert' } });
    root('istio-system');
    expect(await proxiesReady(cluster)).to.equal('no istio-ca-root-cert in default');
    root('default');
    expect(await proxiesReady(cluster)).to.equal(true);
    expect(await cluster.list(KINDS.pod, {}), 'nothing is made for it').to.deep.equal([]);
  });

  it('asks a gateway as its users do', async () => {
    const server = createServer((request, response) => {
      response.statusCode = request.headers.host === 'shop.example' && request.url === '/buy' ? 200 : 404;
      response.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const address = { host: '127.0.0.1', port };
    expect(await answers(address, 'shop.example', '/buy')).to.equal(true);
    expect(await answers(address, 'other.example', '/buy')).to.equal(`127.0.0.1:${port} answers 404`);
    server.close();
    await once(server, 'close');
    expect(await answers(address, 'shop.example', '/buy')).to.contain('ECONNREFUSED');
  });
});
