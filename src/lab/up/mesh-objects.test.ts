import { expect } from 'chai';
import { parse } from 'yaml';
import type { KubeObject } from '../../model/kubernetes.ts';
import { DEFAULT_TOPOLOGY, TOPOLOGIES, topologyNamed } from '../../topologies/index.ts';
import { CLUSTERS, labCluster } from '../testing/clusters.ts';
import { type LabCluster, labClusters } from '../topology.ts';
import { clusterObjects } from './cluster-objects.ts';
import {
  certificateSecret,
  istioOperator,
  isWayIn,
  remoteSecret,
  systemNamespace,
  systemObjects,
} from './mesh-objects.ts';

const tokyo = labCluster('tokyo');
const names = (objects: readonly KubeObject[]) => objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);

describe('the mesh of the lab', () => {
  it('has an istiod of its own in each cluster, one network, and no filter that the stock Envoy lacks', () => {
    const { spec } = parse(istioOperator(tokyo, CLUSTERS));
    expect(spec).to.deep.include({ hub: 'lab.local', tag: '1.31.0-alpha', profile: 'minimal' });
    expect(spec.values.global).to.deep.include({ network: 'faultline-lab', multiCluster: { clusterName: 'tokyo' } });
    expect(spec.components.pilot.k8s.env).to.deep.equal([
      { name: 'PILOT_ENABLE_METADATA_EXCHANGE', value: 'false' },
      { name: 'PILOT_ENABLE_ALPN_FILTER', value: 'false' },
      { name: 'PILOT_DISABLE_MX_ALPN', value: 'true' },
    ]);
    expect(spec.meshConfig.defaultProviders).to.deep.equal({ metrics: [] });
    expect(spec.values.global).not.to.have.any.keys('externalIstiod', 'remotePilotAddress');
  });

  it('knows its root and the other cluster before it starts', () => {
    const namespace = systemNamespace({ ...tokyo, network: 'vpc-tokyo' });
    expect(namespace.metadata).to.deep.equal({
      name: 'istio-system',
      labels: { 'topology.istio.io/network': 'vpc-tokyo' },
    });
    const secrets = [certificateSecret({ 'root-cert.pem': 'R' }), remoteSecret('hangzhou', 'K')];
    expect(names(secrets)).to.deep.equal(['Secret/cacerts', 'Secret/istio-remote-secret-hangzhou']);
    expect(secrets.map(({ stringData }) => stringData)).to.deep.equal([{ 'root-cert.pem': 'R' }, { hangzhou: 'K' }]);
    expect(secrets[1]?.metadata.labels).to.deep.equal({ 'istio/multiCluster': 'true' });
  });

  it('carries the system of the sandbox, all of it but the filter that changes Istio', () => {
    const objects = names(systemObjects(DEFAULT_TOPOLOGY, tokyo));
    for (const name of [
      'Deployment/mockb-ap-northeast-1a',
      'DestinationRule/mockb',
      'Gateway/mock',
      'Namespace/default',
    ])
      expect(objects).to.include(name);
    expect(objects.filter((name) => name.includes('cn-hangzhou'))).to.deep.equal([]);
    expect(objects.filter((name) => name.startsWith('EnvoyFilter'))).to.deep.equal([]);
  });

  it('has no stand-in for the istiod that a real cluster has, of any topology, and configuration where one reads it', () => {
    for (const topology of TOPOLOGIES) {
      for (const cluster of labClusters(topology)) {
        const objects = names(systemObjects(topology, cluster));
        const configuration = objects.filter((name) => name === 'DestinationRule/mockb' || name === 'Gateway/mock');
        expect(configuration, topology.name).to.have.length(cluster.configuredBy === undefined ? 2 : 0);
        expect(objects.filter((name) => name.endsWith('/istiod'))).to.deep.equal([]);
      }
    }
  });

  it('has for each network its own name at istiod, as at the namespace and at the way into it', () => {
    const topology = topologyNamed('two-networks');
    for (const cluster of labClusters(topology)) {
      const network = `vpc-${cluster.name}`;
      expect(parse(istioOperator(cluster, labClusters(topology))).spec.values.global.network).to.equal(network);
      const objects = systemObjects(topology, cluster);
      const labelled = objects.filter(({ metadata }) => metadata.labels?.['topology.istio.io/network'] === network);
      expect(names(labelled)).to.deep.equal(['Namespace/istio-system', 'Service/istio-eastwestgateway']);
      expect(labelled.map(isWayIn)).to.deep.equal([false, true]);
      expect(objects.filter(isWayIn)).to.have.length(1);
    }
  });

  it('has gateways that the injector makes, each behind a Service with the port of the Gateway', () => {
    const objects = systemObjects(DEFAULT_TOPOLOGY, tokyo);
    const gateways = objects.filter(
      ({ kind, metadata }) => kind === 'Deployment' && metadata.namespace === 'istio-system',
    );
    expect(gateways).to.have.length(2);
    for (const gateway of gateways) {
      const { template } = gateway.spec as unknown as { template: KubeObject };
      expect(template.metadata.labels).to.include({ 'sidecar.istio.io/inject': 'true' });
      expect(template.metadata.annotations).to.include({ 'inject.istio.io/templates': 'gateway' });
      const [container] = (template.spec as unknown as { containers: Record<string, unknown>[] }).containers;
      expect(container).to.include({ name: 'istio-proxy', image: 'auto', imagePullPolicy: 'IfNotPresent' });
    }
    const services = objects.filter(
      ({ kind, metadata }) => kind === 'Service' && metadata.namespace === 'istio-system',
    );
    const ports = services.map(({ spec }) => (spec as unknown as { ports: { port: number }[] }).ports[0]?.port);
    expect(ports).to.deep.equal([80, 80]);
  });
});

describe('a cluster of the lab that is served by the istiod of another one', () => {
  const clusters = labClusters(topologyNamed('remote-control-plane'));
  const [served, serving] = clusters;
  if (served === undefined || serving === undefined) throw new Error('two clusters');

  it('has no istiod, the address of the other one, and the path there that says whose pods are to be injected', () => {
    expect([served, serving].map(({ name, configuredBy }) => [name, configuredBy])).to.deep.equal([
      ['hangzhou', 'tokyo'],
      ['tokyo', undefined],
    ]);
    const { profile, components, values } = parse(istioOperator(served, clusters)).spec;
    expect({ profile, components }).to.deep.equal({ profile: 'remote', components: {} });
    expect(values.global).to.deep.include({
      remotePilotAddress: '10.210.0.42',
      network: 'faultline-lab',
      multiCluster: { clusterName: 'hangzhou' },
    });
    expect(values.istiodRemote).to.deep.equal({ injectionPath: '/inject/cluster/hangzhou/net/faultline-lab' });
  });

  it('lets that one write to it, which is told that it serves others', () => {
    expect(systemNamespace(served).metadata.annotations).to.deep.equal({
      'topology.istio.io/controlPlaneClusters': 'tokyo',
    });
    expect(parse(istioOperator(serving, clusters)).spec.values.global).to.deep.include({ externalIstiod: true });
  });

  it('reaches it by a Service with an address, at the ports that its own Service leads to', () => {
    const overlays = (cluster: LabCluster) =>
      parse(istioOperator(cluster, clusters)).spec.components.pilot.k8s.overlays;
    const [{ kind, name, patches }, ...more] = overlays(serving);
    expect({ kind, name, more }).to.deep.equal({ kind: 'Service', name: 'istiod', more: [] });
    expect(patches).to.deep.equal([
      { path: 'spec.type', value: 'LoadBalancer' },
      { path: 'spec.ports.[100]', value: { name: 'https-webhook-outside', port: 15017 } },
    ]);
    const alone = parse(istioOperator(tokyo, CLUSTERS)).spec;
    expect(alone.components.pilot.k8s, 'where it serves itself alone').not.to.have.property('overlays');
  });
});

describe('what a lab cluster has before any mesh', () => {
  it('is the right of kube-proxy and a name server at the address that kubelets tell', () => {
    const objects = clusterObjects(tokyo);
    expect(names(objects)).to.include.members([
      'ClusterRoleBinding/kube-proxy',
      'Deployment/coredns',
      'Service/kube-dns',
    ]);
    expect(objects.find(({ kind }) => kind === 'Service')?.spec).to.deep.include({ clusterIP: '10.97.0.10' });
  });

  it('has a Corefile whose blocks end on lines of their own', () => {
    const config = clusterObjects(tokyo).find(({ kind }) => kind === 'ConfigMap') as unknown as {
      data: { Corefile: string };
    };
    const lines = config.data.Corefile.trim()
      .split('\n')
      .map((line) => line.trim());
    expect(lines.filter((line) => line === '}')).to.have.length(2);
    expect(lines.filter((line) => line.includes('}') && line !== '}')).to.deep.equal([]);
  });
});
