import { expect } from 'chai';
import { KINDS } from '../../model/kubernetes.ts';
import { at, mapsOf } from '../api/json.ts';
import { deployment, type Harness, node, service, startHarness } from '../testing/controllers-harness.ts';

describe('endpoint slice controller', () => {
  let cluster: Harness;
  beforeEach(async () => {
    cluster = startHarness();
    cluster.store.create(node('node-a', 'zone-a'));
    cluster.store.create(service('web'));
    cluster.store.create(deployment('web', 2));
    await cluster.settled();
  });
  afterEach(() => {
    cluster.stop();
    expect(cluster.errors).to.deep.equal([]);
  });

  const slices = () => cluster.store.list(KINDS.endpointSlice, 'default');
  const endpoints = () => slices().flatMap((slice) => mapsOf(at(slice, 'endpoints')));

  it('lists ready pods with address, node, zone and the number behind the port name', () => {
    const [slice] = slices();
    expect(slice?.metadata.labels).to.include({ 'kubernetes.io/service-name': 'web' });
    expect(slice?.metadata.ownerReferences?.[0]).to.include({ kind: 'Service', name: 'web' });
    expect(at(slice, 'ports')).to.deep.equal([{ name: '', port: 8080, protocol: 'TCP' }]);
    const [pod] = cluster.store.list(KINDS.pod, 'default');
    expect(endpoints()).to.have.length(2);
    expect(endpoints()[0]).to.deep.equal({
      addresses: [at(pod, 'status', 'podIP')],
      conditions: { ready: true, serving: true, terminating: false },
      nodeName: 'node-a',
      targetRef: { kind: 'Pod', namespace: 'default', name: pod?.metadata.name, uid: pod?.metadata.uid },
      zone: 'zone-a',
    });
  });

  it('keeps a terminating pod as not ready until it is gone', async () => {
    cluster.kubelet.keepTerminating = true;
    const [name = ''] = cluster.names(KINDS.pod);
    cluster.store.delete({ ...KINDS.pod, namespace: 'default', name });
    await cluster.settled();
    const conditions = (): unknown => endpoints().find((one) => at(one, 'targetRef', 'name') === name)?.conditions;
    expect(conditions()).to.deep.equal({ ready: false, serving: true, terminating: true });
    cluster.store.finalizeDelete({ ...KINDS.pod, namespace: 'default', name });
    await cluster.settled();
    expect(conditions()).to.equal(undefined);
    expect(endpoints()).to.have.length(2);
  });

  it('empties the slice when no pod is left, and puts a deleted slice back', async () => {
    cluster.store.delete({ ...KINDS.deployment, namespace: 'default', name: 'web' });
    await cluster.settled();
    expect(endpoints()).to.deep.equal([]);
    const [slice] = slices();
    cluster.store.delete({ ...KINDS.endpointSlice, namespace: 'default', name: slice?.metadata.name ?? '' });
    await cluster.settled();
    expect(slices()).to.have.length(1);
    cluster.store.delete({ ...KINDS.service, namespace: 'default', name: 'web' });
    await cluster.settled();
    expect(slices()).to.deep.equal([]);
  });

  it('splits pods whose port name means different numbers', async () => {
    const other = deployment('other', 1);
    const template = {
      metadata: { labels: { app: 'web', other: 'yes' } },
      spec: { containers: [{ name: 'c', image: 'x', ports: [{ name: 'http', containerPort: 9090 }] }] },
    };
    cluster.store.create({ ...other, spec: { replicas: 1, selector: { matchLabels: { other: 'yes' } }, template } });
    await cluster.settled();
    const ports = slices().map((slice) => at(slice, 'ports', 0, 'port'));
    expect(ports.sort()).to.deep.equal([8080, 9090]);
  });
});
