import { expect } from 'chai';
import { parse } from 'yaml';
import type { KubeObject } from '../../model/kubernetes.ts';
import { DEFAULT_TOPOLOGY, topologyNamed } from '../../topologies/index.ts';
import { labCluster } from '../testing/clusters.ts';
import { LAB_TOPOLOGIES } from '../topologies.ts';
import { labClusters } from '../topology.ts';
import { clusterObjects } from './cluster-objects.ts';
import { istioOperator, istioPrerequisites, isWayIn, systemObjects } from './mesh-objects.ts';

const tokyo = labCluster('tokyo');
const names = (objects: readonly KubeObject[]) => objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);

describe('the mesh of the lab', () => {
  it('has an istiod of its own in each cluster, one network, and no filter that the stock Envoy lacks', () => {
    const { spec } = parse(istioOperator(tokyo));
    expect(spec).to.deep.include({ hub: 'lab.local', tag: '1.31.0-alpha', profile: 'minimal' });
    expect(spec.values.global).to.deep.include({ network: 'faultline-lab', multiCluster: { clusterName: 'tokyo' } });
    expect(spec.components.pilot.k8s.env).to.deep.equal([
      { name: 'PILOT_ENABLE_METADATA_EXCHANGE', value: 'false' },
      { name: 'PILOT_ENABLE_ALPN_FILTER', value: 'false' },
      { name: 'PILOT_DISABLE_MX_ALPN', value: 'true' },
    ]);
    expect(spec.meshConfig.defaultProviders).to.deep.equal({ metrics: [] });
  });

  it('knows its root and the other cluster before it starts', () => {
    const objects = istioPrerequisites({
      network: 'vpc-tokyo',
      certificates: { 'root-cert.pem': 'R' },
      remotes: [{ cluster: 'hangzhou', kubeconfig: 'K' }],
    });
    expect(names(objects)).to.deep.equal([
      'Namespace/istio-system',
      'Secret/cacerts',
      'Secret/istio-remote-secret-hangzhou',
    ]);
    expect(objects[0]?.metadata.labels).to.deep.equal({ 'topology.istio.io/network': 'vpc-tokyo' });
    expect(objects[2]).to.deep.include({ stringData: { hangzhou: 'K' } });
    expect(objects[2]?.metadata.labels).to.deep.equal({ 'istio/multiCluster': 'true' });
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

  it('has no stand-in for the istiod that a real cluster has, of any topology, and each has its configuration', () => {
    for (const topology of LAB_TOPOLOGIES) {
      for (const cluster of labClusters(topology)) {
        const objects = names(systemObjects(topology, cluster));
        expect(objects, topology.name).to.include.members(['DestinationRule/mockb', 'Gateway/mock']);
        expect(objects.filter((name) => name.endsWith('/istiod'))).to.deep.equal([]);
      }
    }
  });

  it('has for each network its own name at istiod, as at the namespace and at the way into it', () => {
    const topology = topologyNamed('two-networks');
    for (const cluster of labClusters(topology)) {
      const network = `vpc-${cluster.name}`;
      expect(parse(istioOperator(cluster)).spec.values.global.network).to.equal(network);
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
