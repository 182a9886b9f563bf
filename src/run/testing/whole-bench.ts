import { FAULT_KINDS } from '../../faults/index.ts';
import { blockOf } from '../../faults/testing/conformance/stage.ts';
import { FakeCluster } from '../../faults/testing/fake-cluster.ts';
import { readyPod } from '../../faults/testing/fake-controllers.ts';
import { fakeContext } from '../../faults/testing/fake-system.ts';
import type { FaultKind } from '../../model/fault.ts';
import { KINDS, ZONE_LABEL } from '../../model/kubernetes.ts';
import type { Allowances, FaultBlock, Scenario } from '../../model/scenario.ts';
import type { Topology } from '../../model/target.ts';
import { checkGuards } from '../guards/index.ts';
import type { PlannedFault } from '../planned-run.ts';
import type { OpenCluster, PlanInputs } from '../wiring.ts';
import { BLACKHOLE, scenarioWith } from './bench-run.ts';
import { virtualClock } from './virtual-clock.ts';

export type Site = 'tokyo' | 'osaka';

/** A fault as a spec writes it: where, which kind, and what is otherwise than in the example of the kind. */
export type Asked = readonly [Site, string, Readonly<Record<string, FaultBlock[string] | undefined>>];

const ZONES = ['a', 'b'];
const GATEWAY = { namespace: 'istio-system', selector: { app: 'gateway' } };

/**
 * Two clusters with the same system: a gateway, mocka, mockb, mockc and an east-west gateway, each a Service and a Deployment with a pod in zone a and
 * one in zone b. Plans are those of the real kinds. `10.1.3.2` is tokyo's pod of the third one in its second zone.
 */
export class WholeBench {
  readonly clusters: Readonly<Record<Site, FakeCluster>>;
  /** Of all pods, where the target tells. */
  network: string | undefined;
  chain: readonly string[] = ['mocka', 'mockb', 'mockc'];
  allow: Partial<Allowances> = {};
  gateways: readonly (typeof GATEWAY)[] | undefined = [GATEWAY];
  readonly timeoutMs = 2_000;
  connections: Scenario['load']['connections'] = 'kept';
  protocol: 'http' | 'https' = 'http';
  latencyMs = 2_000;
  namespaces: readonly string[] = ['default'];
  /** Whether the istiod of tokyo serves osaka. */
  isRemote = false;

  /** Addresses of pods of osaka are those of tokyo, where `net` is the same. */
  constructor(net = 2) {
    this.clusters = { tokyo: systemOf('tokyo', 1), osaka: systemOf('osaka', net) };
  }

  /** No Service stands for these pods any more. */
  without(service: string): this {
    for (const cluster of Object.values(this.clusters)) {
      for (const [key, { kind, metadata }] of cluster.objects) {
        const isSlice = kind === KINDS.endpointSlice.kind && metadata.name === `${service}-x`;
        const isItself = kind === KINDS.service.kind && metadata.name === service;
        if (isSlice || isItself) cluster.objects.delete(key);
      }
    }
    return this;
  }

  /** What the guard says: each ruling, refusals with what to do. */
  async rulings(asked: readonly Asked[]): Promise<string[]> {
    const checks = await checkGuards(await this.#guarded(asked));
    return checks
      .filter(({ guard, detail }) => guard === 'whole service' && detail !== 'holds')
      .map(({ holds, detail, hint }) => (holds ? detail : `REFUSED ${detail} | ${hint ?? ''}`));
  }

  /** The names that are refused. */
  async refused(...asked: Asked[]): Promise<string[]> {
    const rulings = await this.rulings(asked);
    return rulings
      .flatMap((one) => /^REFUSED .*\| .*?(\["(.*)"\]|everyZone: true)$/.exec(one)?.slice(1, 3) ?? [])
      .filter(isName);
  }

  async #guarded(asked: readonly Asked[]) {
    const { allow, chain, gateways, namespaces, timeoutMs, latencyMs } = this;
    const plain = scenarioWith([]);
    const load = {
      ...plain.load,
      timeoutMs,
      connections: this.connections,
      good: { ...plain.load.good, chain, latencyMs },
    };
    const scenario = {
      ...{ ...plain, load },
      allow: { wholeServices: [], gitops: [], everyZone: false, ...allow },
    } as unknown as Scenario;
    const sites = Object.keys(this.clusters) as Site[];
    const clusters = sites.map((name) => ({ name, network: this.network }));
    const target = { name: 't', namespaces, clusters, observe: { namespaces: ['default'], gateways } };
    const topology = {
      clusters: sites.map((name) => ({ name, zones: ZONES, version: 'v1', server: '' })),
      paths: [{ protocol: this.protocol }],
    };
    const faults = await Promise.all(asked.map((one, index) => this.#plan(one, `${one[1]}-${index + 1}`)));
    return {
      inputs: {
        scenario,
        target,
        clock: virtualClock(),
        clusters: new Map(sites.map((site) => [site, this.#open(site)])),
      } as unknown as PlanInputs,
      topology: topology as unknown as Topology,
      faults,
    };
  }

  async #plan([site, name, fields]: Asked, fault: string): Promise<PlannedFault> {
    const kind = FAULT_KINDS.find((one) => one.kind === name) as FaultKind;
    const block = Object.entries({ ...exampleOf(kind), ...fields, cluster: site }).filter(
      ([, value]) => value !== undefined,
    );
    const spec = Object.fromEntries(block) as FaultBlock;
    const declared = { pods: this.gateways ?? [], zones: ZONES };
    const served = site === 'tokyo' && this.isRemote ? [this.clusters.osaka] : [];
    const context = { ...fakeContext(this.clusters[site]), gateways: declared, served };
    const plan = await kind.plan({ name: fault, spec }, context);
    return {
      spec: { ...BLACKHOLE, name: fault },
      kind: { marks: [] } as unknown as FaultKind,
      plan,
      open: this.#open(site),
    };
  }

  #open(site: Site): OpenCluster {
    return { cluster: this.clusters[site], context: site, uid: 'u', kubeconfig: '', gateways: [] };
  }
}

const EXAMPLES = new Map<string, FaultBlock>();

/** Reading it takes longer than the guard. */
function exampleOf(kind: FaultKind): FaultBlock {
  const example = EXAMPLES.get(kind.kind) ?? blockOf(kind);
  EXAMPLES.set(kind.kind, example);
  return example;
}

function isName(text: string | undefined): text is string {
  return text !== undefined && !text.startsWith('[');
}

function systemOf(site: Site, net: number): FakeCluster {
  const cluster = Object.assign(new FakeCluster(), { name: site });
  for (const zone of ZONES)
    cluster.add({ ...KINDS.node, metadata: { name: `node-${zone}`, labels: { [ZONE_LABEL]: zone } } });
  for (const [index, app] of ['gateway', 'mocka', 'mockb', 'mockc', 'eastwest'].entries())
    addService(cluster, app, `10.${net}.${index + 1}`);
  return cluster;
}

function addService(cluster: FakeCluster, app: string, network: string): void {
  const namespace = ['gateway', 'eastwest'].includes(app) ? GATEWAY.namespace : 'default';
  const spec = { containers: [{ name: 'default', image: 'asm-mock:v0.1', ports: [{ containerPort: 8000 }] }] };
  const matchLabels = { app };
  cluster.add({
    ...KINDS.deployment,
    metadata: { name: app, namespace, labels: matchLabels, generation: 1 },
    spec: { replicas: 2, selector: { matchLabels }, template: { spec } },
    status: { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2 },
  });
  const endpoints = ZONES.map((zone, index) => {
    const pod = readyPod(app, `node-${zone}`, zone, spec, namespace);
    pod.metadata.labels = { ...pod.metadata.labels, app };
    const podIP = `${network}.${index + 1}`;
    cluster.add({ ...pod, status: { ...(pod.status as object), podIP } } as never);
    return {
      addresses: [podIP],
      conditions: { ready: true },
      targetRef: { kind: 'Pod', name: pod.metadata.name ?? '' },
    };
  });
  const labels = { 'kubernetes.io/service-name': app };
  cluster.add({
    ...KINDS.service,
    metadata: { name: app, namespace },
    spec: { selector: matchLabels, clusterIP: 'None' },
  });
  const slice = { metadata: { name: `${app}-x`, namespace, labels }, endpoints, ports: [{ name: 'http', port: 8000 }] };
  cluster.add({ ...KINDS.endpointSlice, ...slice } as never);
}
