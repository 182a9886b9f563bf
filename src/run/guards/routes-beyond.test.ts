import { expect } from 'chai';
import { clientFault } from '../../faults/client-fault/index.ts';
import { manifest } from '../../faults/manifest/index.ts';
import { blockOf } from '../../faults/testing/conformance/stage.ts';
import type { FakeCluster } from '../../faults/testing/fake-cluster.ts';
import { fakeContext, fakeSystem } from '../../faults/testing/fake-system.ts';
import type { FaultKind } from '../../model/fault.ts';
import { ENABLED_LABEL, KINDS } from '../../model/kubernetes.ts';
import type { FaultBlock } from '../../model/scenario.ts';
import type { PlannedFault } from '../planned-run.ts';
import type { OpenCluster } from '../wiring.ts';
import type { Guarded } from './guard.ts';
import { meshWide } from './mesh-wide.ts';
import { optIn } from './opt-in.ts';

const GATEWAYS = { zones: [], pods: [{ namespace: 'bank', selector: { app: 'doors' } }] };

type Bench = {
  /** Where the label stands; of `default` and `bank`. */
  readonly enabled?: readonly string[];
  /** What the targets file lists. */
  readonly namespaces?: readonly string[];
  /** Another cluster that the istiod of the first one serves. */
  readonly served?: FakeCluster;
};

async function guarded(kind: FaultKind, spec: FaultBlock, bench: Bench): Promise<Guarded> {
  const { enabled = ['default'], namespaces = ['default', 'bank'], served } = bench;
  const cluster = fakeSystem();
  for (const name of ['default', 'bank']) addNamespace(cluster, name, enabled.includes(name));
  const context = { ...fakeContext(cluster), gateways: GATEWAYS };
  const plan = await kind.plan({ name: 'f', spec }, context);
  const clusters = new Map([
    [cluster.name, { cluster }],
    ...(served ? [[served.name, { cluster: served }] as const] : []),
  ]);
  const faults = [{ plan, open: { cluster } } as unknown as PlannedFault];
  return { inputs: { target: { namespaces }, clusters }, faults } as unknown as Guarded;
}

function addNamespace(cluster: FakeCluster, name: string, isEnabled: boolean): void {
  cluster.add({ ...KINDS.namespace, metadata: { name, labels: { [ENABLED_LABEL]: `${isEnabled}` } } });
}

async function refusedOf(kind: FaultKind, spec: FaultBlock, bench: Bench = {}): Promise<string[]> {
  const asked = await guarded(kind, spec, bench);
  const rulings = [...(await optIn.check(asked)), ...(await meshWide.check(asked))];
  return rulings.filter(({ refused }) => refused).map(({ detail, hint = '' }) => `${detail} | ${hint}`);
}

const objectOf = (apiVersion: string, kind: string, spec: object): FaultBlock =>
  ({
    object: { apiVersion, kind, metadata: { name: 'drill', namespace: 'default' }, spec },
    hits: { app: 'mockb' },
    expiry: 60_000,
    effect: 'degrades',
  }) as unknown as FaultBlock;
const istio = (kind: string, spec: object) => objectOf('networking.istio.io/v1', kind, spec);
const gatewayApi = (kind: string, spec: object) => objectOf('gateway.networking.k8s.io/v1', kind, spec);

const BANK = 'payments.bank.svc.cluster.local';
/** A host of the other namespace, as it may be written. */
const SPELLED = [
  BANK,
  `${BANK}.`,
  'Payments.BANK.svc.cluster.local',
  'payments.bank',
  'payments.bank.',
  'payments.bank.svc',
  'payments.bank.svc.clusterset.local',
  'payments.bank.svc.corp.example',
  'payments-0.payments.bank.svc.cluster.local',
  '*.bank.svc.cluster.local',
];

/** What takes calls of the other namespace, or of its callers. */
const BEYOND: readonly FaultBlock[] = [
  ...SPELLED.flatMap((host) => [istio('VirtualService', { hosts: [host] }), istio('ServiceEntry', { hosts: [host] })]),
  objectOf('networking.istio.io/v1alpha3', 'VirtualService', { hosts: [BANK] }),
  ...[[], ['*'], ['.', '*'], ['bank'], ['~', 'bank']].flatMap((exportTo) => [
    istio('VirtualService', { hosts: ['mockb', BANK], exportTo }),
    istio('ServiceEntry', { hosts: [BANK], exportTo }),
  ]),
  istio('VirtualService', { hosts: [BANK], gateways: [] }),
  istio('VirtualService', { hosts: [BANK], gateways: ['entry', 'mesh'] }),
  istio('VirtualService', { hosts: ['shop.example'], exportTo: ['bank'] }),
  ...['bank/entry', 'entry.bank', 'entry.bank.svc.cluster.local'].map((gateway) =>
    istio('VirtualService', { hosts: ['shop.example'], gateways: [gateway] }),
  ),
  istio('Gateway', { selector: { app: 'doors' }, servers: [{ hosts: ['*'] }] }),
  istio('Gateway', { selector: { istio: 'ingress' }, servers: [{ hosts: ['./shop.example'] }] }),
  istio('Gateway', { servers: [{ hosts: [`bank/${BANK}`] }] }),
  gatewayApi('HTTPRoute', { parentRefs: [{ name: 'entry', namespace: 'bank' }], hostnames: ['shop.example'] }),
  gatewayApi('GRPCRoute', { parentRefs: [{ kind: 'Gateway', name: 'entry', namespace: 'bank' }] }),
];

/** What stays with hosts, callers and gateways of its own namespace. */
const WITHIN: readonly FaultBlock[] = [
  ...['mockb', 'mockb.default', 'MOCKB.default.svc.', 'mockb.default.svc.cluster.local'].map((host) =>
    istio('VirtualService', { hosts: [host] }),
  ),
  istio('ServiceEntry', { hosts: ['mockb.default.svc.cluster.local'] }),
  ...[['.'], ['default'], ['~']].flatMap((exportTo) => [
    istio('VirtualService', { hosts: [BANK, '*'], exportTo }),
    istio('ServiceEntry', { hosts: [BANK, 'api.example.com'], exportTo }),
    istio('VirtualService', { hosts: ['shop.example'], gateways: ['bank/entry'], exportTo }),
  ]),
  ...['entry', './entry', 'default/entry', 'entry.default.svc.cluster.local'].map((gateway) =>
    istio('VirtualService', { hosts: [BANK], gateways: [gateway] }),
  ),
  istio('Gateway', { selector: { app: 'own-doors' }, servers: [{ hosts: ['*'] }] }),
  istio('DestinationRule', { host: BANK }),
  istio('Sidecar', { egress: [{ hosts: ['bank/*'] }] }),
  gatewayApi('HTTPRoute', { parentRefs: [{ name: 'entry' }], hostnames: [BANK] }),
  gatewayApi('HTTPRoute', { parentRefs: [{ kind: 'Service', name: 'mockb' }] }),
  gatewayApi('HTTPRoute', { parentRefs: [{ kind: 'Service', name: 'payments', namespace: 'bank' }] }),
  objectOf('example.com/v1', 'VirtualService', { hosts: [BANK] }),
];

const textOf = ({ object }: FaultBlock) => JSON.stringify(object);

describe('guards: routes of a manifest beyond its namespace', () => {
  it('are refused where neither the host nor its callers are of a namespace with the label, and told what sets it', async () => {
    expect(await refusedOf(manifest, istio('VirtualService', { hosts: [BANK] }))).to.deep.equal([
      `fault f: cluster tokyo: it brings the routes of ${BANK} for callers of all namespaces: namespace bank has no label ${ENABLED_LABEL}=true | ` +
        `kubectl label namespace bank ${ENABLED_LABEL}=true`,
    ]);
    for (const block of BEYOND) expect(await refusedOf(manifest, block), textOf(block)).to.not.be.empty;
  });

  it('are refused where no such namespace is listed, or nobody has one', async () => {
    const nobodys = [
      ...['*', '*.local', '*.svc.cluster.local', 'api.example.com', '*.bank'].map((host) => ({ hosts: [host] })),
      { hosts: ['mockb', 'api.example.com'] },
    ].flatMap((spec) => [istio('VirtualService', spec), istio('ServiceEntry', spec)]);
    // A name without dots belongs to the namespace of a VirtualService, and to none in a ServiceEntry.
    nobodys.push(istio('ServiceEntry', { hosts: ['payments'] }));
    for (const block of [...BEYOND, ...nobodys]) {
      const found = await refusedOf(manifest, block, { namespaces: ['default', 'local'] });
      expect(found.join(), textOf(block)).to.contain("the targets file lists neither the host's namespace nor theirs");
    }
  });

  it('pass where it has the label, and where they stay within their own', async () => {
    for (const block of BEYOND) {
      expect(await refusedOf(manifest, block, { enabled: ['default', 'bank'] }), textOf(block)).to.deep.equal([]);
    }
    for (const block of WITHIN) {
      expect(await refusedOf(manifest, block, { namespaces: ['default'] }), textOf(block)).to.deep.equal([]);
    }
  });

  it('are asked of the namespace in every cluster whose proxies get them, where it is there', async () => {
    const block = istio('VirtualService', { hosts: [BANK] });
    const served = Object.assign(fakeSystem(), { name: 'osaka', configuredBy: 'tokyo' });
    const bench = { enabled: ['default', 'bank'], served };
    expect(await refusedOf(manifest, block, bench)).to.deep.equal([]);
    addNamespace(served, 'bank', false);
    expect((await refusedOf(manifest, block, bench)).join()).to.contain('fault f: cluster osaka: it brings');
    Object.assign(served, { configuredBy: undefined });
    expect(await refusedOf(manifest, block, bench), 'by an istiod of its own').to.deep.equal([]);
  });

  it('are refused where the namespace cannot be read, which is asked for', async () => {
    const asked = await guarded(manifest, istio('VirtualService', { hosts: [BANK] }), {});
    const open = asked.inputs.clusters.get('tokyo') as OpenCluster;
    expect(optIn.needs?.(asked, open).map(({ verb, kind, namespace }) => `${verb} ${kind} ${namespace}`)).to.deep.equal(
      ['get Namespace default', 'get Namespace bank', 'list Pod default'],
    );
    (open.cluster as FakeCluster).before = () => {
      throw new Error('forbidden');
    };
    const details = (await optIn.check(asked)).map(({ detail }) => detail);
    expect(details.join()).to.contain('namespace bank cannot be read: forbidden');
  });

  it('need the label of their own namespace: pods that have it cannot speak for a host', async () => {
    const own = istio('VirtualService', { hosts: ['mocka'] });
    const isRefused = async (block: FaultBlock) => {
      const asked = await guarded(manifest, block, { enabled: [] });
      const { cluster } = asked.inputs.clusters.get('tokyo') as OpenCluster;
      for (const pod of (cluster as FakeCluster).all(KINDS.pod)) {
        const labels = { ...pod.metadata.labels, [ENABLED_LABEL]: 'true' };
        (cluster as FakeCluster).add({ ...pod, metadata: { ...pod.metadata, labels, ownerReferences: [] } } as never);
      }
      return (await optIn.check(asked)).some(({ refused }) => refused);
    };
    expect(await isRefused(own)).to.equal(true);
    expect(await isRefused(istio('DestinationRule', { host: 'mockb' }))).to.equal(false);
  });
});

describe('guards: routes of a clientFault', () => {
  it('are for callers of its own namespace, which has to agree, whoever has the host', async () => {
    const block: FaultBlock = { ...blockOf(clientFault), namespace: 'default', callers: { app: 'mocka' }, host: BANK };
    expect(await refusedOf(clientFault, block, { namespaces: ['default'] })).to.deep.equal([]);
    expect((await refusedOf(clientFault, block, { enabled: ['bank'] })).join()).to.contain('namespace default has no');
  });
});
