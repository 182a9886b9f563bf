import { expect } from 'chai';
import { clientFault } from '../../faults/client-fault/index.ts';
import { manifest } from '../../faults/manifest/index.ts';
import { meshFault } from '../../faults/mesh-fault/index.ts';
import { blockOf } from '../../faults/testing/conformance/stage.ts';
import type { FakeCluster } from '../../faults/testing/fake-cluster.ts';
import { fakeContext, fakeSystem } from '../../faults/testing/fake-system.ts';
import type { FaultKind } from '../../model/fault.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { podSpec } from '../../model/pod-object.ts';
import type { FaultBlock, Json } from '../../model/scenario.ts';
import type { PlannedFault } from '../planned-run.ts';
import { Bench } from '../testing/guard-bench.ts';
import type { Guarded } from './guard.ts';
import { checkLiveGuards } from './index.ts';
import { meshWide } from './mesh-wide.ts';

/** The system with its pods in another namespace, whose sidecars were given these variables. */
function systemIn(namespace: string, ...env: { name: string; value: string }[]): FakeCluster {
  const cluster = fakeSystem();
  for (const pod of cluster.all(KINDS.pod)) {
    const containers = [...(podSpec(pod).containers ?? []), { name: 'istio-proxy', env }];
    const spec = { ...podSpec(pod), containers } as unknown as Json;
    cluster.add({ ...pod, metadata: { ...pod.metadata, namespace }, spec });
  }
  return cluster;
}

function meshConfig(namespace: string, name: string, mesh: string): KubeObject {
  return { ...KINDS.configMap, metadata: { namespace, name }, data: { mesh } };
}

function istiod(namespace: string, revision?: string): KubeObject {
  const labels = { app: 'istiod', ...(revision === undefined ? {} : { 'istio.io/rev': revision }) };
  return { ...KINDS.pod, metadata: { namespace, name: 'istiod-1', labels }, status: {} };
}

/** What the guard refuses of a fault in a cluster, with what to do about it. */
async function refused(
  cluster: FakeCluster,
  kind: FaultKind,
  fields: FaultBlock,
  namespaces: readonly string[] = ['default'],
): Promise<string[]> {
  const plan = await kind.plan({ name: 'f', spec: { ...blockOf(kind), ...fields } }, fakeContext(cluster));
  const faults = [{ plan, open: { cluster } } as unknown as PlannedFault];
  const rulings = await meshWide.check({ inputs: { target: { namespaces } }, faults } as unknown as Guarded);
  return rulings.map(({ refused: isRefused, detail, hint = '' }) => `${isRefused} ${detail} | ${hint}`);
}

const HITS: FaultBlock = { selector: { app: 'mockb' } };
const NAMES_ROOT = 'rootNamespace: admin\naccessLogFile: /dev/stdout\n';

/** Whether a mesh fault in a namespace is refused, in a cluster with these objects. */
async function isRefused(cluster: FakeCluster, namespace: string, ...objects: readonly KubeObject[]): Promise<boolean> {
  for (const object of objects) cluster.add(object);
  return (await refused(cluster, meshFault, { ...HITS, namespace })).length > 0;
}

describe('guards: a mesh fault in the root namespace of Istio', () => {
  it('is refused, with what to do', async () => {
    expect(await refused(systemIn('istio-system'), meshFault, { ...HITS, namespace: 'istio-system' })).to.deep.equal([
      "true fault f: cluster tokyo: namespace istio-system is, or may be, Istio's root namespace: " +
        'EnvoyFilter holds for pods of all namespaces there, which no guard counts, and whose owners nobody has asked | ' +
        'Hit pods by a fault in their own namespace. The object of a manifest may stay where it says that it holds there alone: by exportTo: ["."], or targetRefs.',
    ]);
  });

  it('is refused among all that is asked before a run, and right before its first fault', async () => {
    const bench = new Bench().enable('tokyo', 'istio-system');
    bench.fault('tokyo', { namespaces: ['istio-system'], meshWide: true });
    expect((await bench.refused()).join()).to.contain("namespace istio-system is, or may be, Istio's root namespace");
    expect((await checkLiveGuards(bench.guarded())).map(({ guard }) => guard)).to.include('mesh wide');
  });

  it('is refused where MeshConfig says that it is, and there alone', async () => {
    const named = meshConfig('istio-system', 'istio', NAMES_ROOT);
    expect(await isRefused(systemIn('admin'), 'admin', named)).to.equal(true);
    expect(await isRefused(systemIn('istio-system'), 'istio-system', named)).to.equal(false);
    expect(await isRefused(systemIn('default'), 'default', named)).to.equal(false);
    const silent = meshConfig('istio-system', 'istio', 'accessLogFile: /dev/stdout');
    expect(await isRefused(systemIn('istio-system'), 'istio-system', silent)).to.equal(true);
  });

  it('is refused where MeshConfig of a revision says so, whose istiod is seen, or whose sidecars are', async () => {
    const canary = meshConfig('istio-system', 'istio-canary', NAMES_ROOT);
    expect(await isRefused(systemIn('admin'), 'admin', canary)).to.equal(false);
    expect(await isRefused(systemIn('admin'), 'admin', canary, istiod('istio-system', 'canary'))).to.equal(true);
    const ca = { name: 'CA_ADDR', value: 'istiod-canary.mesh.svc:15012' };
    const address = { name: 'PROXY_CONFIG', value: '{"discoveryAddress":"istiod-canary.mesh.svc:15012"}' };
    for (const one of [ca, address]) {
      const elsewhere = meshConfig('mesh', 'istio-canary', NAMES_ROOT);
      expect(await isRefused(systemIn('admin', one), 'admin', elsewhere), one.name).to.equal(true);
      expect(await isRefused(systemIn('mesh', one), 'mesh', elsewhere), one.name).to.equal(false);
    }
  });

  it('is refused where an istiod is, unless its MeshConfig names another namespace', async () => {
    expect(await isRefused(systemIn('mesh'), 'mesh')).to.equal(false);
    expect(await isRefused(systemIn('mesh'), 'mesh', istiod('mesh'))).to.equal(true);
    expect(await isRefused(systemIn('mesh'), 'mesh', istiod('mesh'), meshConfig('mesh', 'istio', NAMES_ROOT))).to.equal(
      false,
    );
  });

  it('is refused in istio-system where MeshConfig may not be read, and anywhere where pods may not be', async () => {
    for (const [namespace, is] of [
      ['istio-system', true],
      ['default', false],
    ] as const) {
      const cluster = systemIn(namespace);
      cluster.add(meshConfig('istio-system', 'istio', NAMES_ROOT));
      cluster.before = ({ kind }) => {
        if (kind === KINDS.configMap.kind) throw new Error('403');
      };
      const [ruling] = await refused(cluster, meshFault, { ...HITS, namespace });
      expect(ruling?.startsWith('true'), namespace).to.equal(is);
      if (!is) {
        expect(ruling, 'and is told').to.equal(
          "false fault f: cluster tokyo: namespace default: whether it is Istio's root namespace cannot be told; not read: ConfigMap istio-system/istio: 403 | ",
        );
      }
    }
    const closed = systemIn('default');
    const plan = await meshFault.plan({ name: 'f', spec: { ...blockOf(meshFault) } }, fakeContext(closed));
    closed.before = () => {
      throw new Error('403');
    };
    const faults = [{ plan, open: { cluster: closed } } as unknown as PlannedFault];
    const [ruling] = await meshWide.check({ inputs: { target: { namespaces: [] } }, faults } as unknown as Guarded);
    expect([ruling?.refused, ruling?.detail]).to.deep.equal([
      true,
      "fault f: cluster tokyo: namespace default may be Istio's root namespace: 403",
    ]);
  });
});

const manifestOf = (apiVersion: string, kind: string, spec: object, namespace = 'istio-system'): FaultBlock =>
  ({
    object: { apiVersion, kind, metadata: { name: 'drill', namespace }, spec },
    hits: { app: 'mockb' },
    effect: 'degrades',
  }) as unknown as FaultBlock;

describe('guards: other configuration of the mesh in the root namespace', () => {
  const networking = (kind: string, spec: object) => manifestOf('networking.istio.io/v1', kind, spec);
  const security = (kind: string, spec: object) => manifestOf('security.istio.io/v1', kind, spec);
  const isIt = async (block: FaultBlock) => (await refused(systemIn('istio-system'), manifest, block)).length > 0;

  it('is refused where it holds for all namespaces: by labels, by none, or as it is exported', async () => {
    const wide: readonly FaultBlock[] = [
      networking('EnvoyFilter', { workloadSelector: { labels: { app: 'mockb' } } }),
      networking('EnvoyFilter', {}),
      networking('Sidecar', { egress: [] }),
      networking('DestinationRule', { host: 'mockb.istio-system.svc.cluster.local' }),
      networking('DestinationRule', { host: 'mockb', exportTo: ['.', '*'] }),
      networking('VirtualService', { hosts: ['mockb.default.svc.cluster.local'] }),
      networking('ServiceEntry', { hosts: ['x.example'] }),
      security('AuthorizationPolicy', { selector: { matchLabels: { app: 'mockb' } } }),
      security('RequestAuthentication', {}),
      security('PeerAuthentication', { mtls: { mode: 'STRICT' } }),
      security('AuthorizationPolicy', { targetRefs: [{ kind: 'GatewayClass', name: 'istio-waypoint' }] }),
      manifestOf('telemetry.istio.io/v1', 'Telemetry', {}),
      manifestOf('extensions.istio.io/v1alpha1', 'WasmPlugin', {}),
    ];
    for (const block of wide) expect(await isIt(block), JSON.stringify(block.object)).to.equal(true);
  });

  it('is not where it holds there alone, or names what it is for', async () => {
    const own: readonly FaultBlock[] = [
      networking('Sidecar', { workloadSelector: { labels: { app: 'mockb' } } }),
      networking('DestinationRule', { host: 'mockb', exportTo: ['.'] }),
      networking('VirtualService', { hosts: ['mockb.default.svc.cluster.local'], exportTo: ['istio-system', '~'] }),
      networking('Gateway', { selector: { istio: 'ingressgateway' } }),
      security('AuthorizationPolicy', { targetRefs: [{ kind: 'Service', name: 'mockb' }] }),
      security('AuthorizationPolicy', { targetRef: { kind: 'Gateway', name: 'entry' } }),
      manifestOf('gateway.networking.k8s.io/v1', 'HTTPRoute', {}),
      manifestOf('chaos-mesh.org/v1alpha1', 'NetworkChaos', {}),
    ];
    for (const block of own) expect(await isIt(block), JSON.stringify(block.object)).to.equal(false);
    const callers: FaultBlock = { namespace: 'istio-system', callers: { app: 'mocka' } };
    expect(await refused(systemIn('istio-system'), clientFault, callers, ['istio-system'])).to.deep.equal([]);
  });
});

describe('guards: routes of a fault for callers of all namespaces', () => {
  const routes = async (spec: object, namespaces?: readonly string[]) =>
    refused(
      fakeSystem(),
      manifest,
      manifestOf('networking.istio.io/v1', 'VirtualService', spec, 'default'),
      namespaces,
    );
  const BANK = 'payments.bank.svc.cluster.local';

  it('are refused for a host of nobody who was asked, with what to write', async () => {
    expect(await routes({ hosts: [BANK] })).to.deep.equal([
      `true fault f: cluster tokyo: it brings the routes of ${BANK} for callers of all namespaces: the targets file lists neither the host's namespace nor theirs | ` +
        'Write exportTo: ["."] in a VirtualService or ServiceEntry, so that it is for callers of its own namespace; or list the namespace of the host, or of the gateway, under spec.namespaces of the targets file, if its owner agrees.',
    ]);
    for (const hosts of [['mockb', BANK], ['*'], ['api.example.com'], ['*.bank.svc.cluster.local']]) {
      expect(await routes({ hosts }), hosts.join()).to.have.length(1);
    }
    expect(await routes({ hosts: [BANK], exportTo: ['.', 'shop'] })).to.have.length(1);
  });

  it('are not for its own host, for callers that are listed, or at gateways alone', async () => {
    expect(await routes({ hosts: ['mockb'] })).to.deep.equal([]);
    expect(await routes({ hosts: [BANK], exportTo: ['.'] })).to.deep.equal([]);
    expect(await routes({ hosts: [BANK] }, ['default', 'bank'])).to.deep.equal([]);
    expect(await routes({ hosts: [BANK], gateways: ['entry'] })).to.deep.equal([]);
  });
});
