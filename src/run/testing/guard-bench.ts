import { alteredCluster } from '../../faults/altered-cluster.ts';
import { FakeCluster } from '../../faults/testing/fake-cluster.ts';
import type { FaultPlan } from '../../model/fault.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { Allowances } from '../../model/scenario.ts';
import type { DeadMan, Topology } from '../../model/target.ts';
import { ALL_AFFECTED } from '../../model/toll.ts';
import type { Guarded } from '../guards/guard.ts';
import { checkGuards } from '../guards/index.ts';
import type { PlannedFault } from '../planned-run.ts';
import type { OpenCluster, PlanInputs } from '../wiring.ts';
import { BLACKHOLE, scenarioWith } from './bench-run.ts';

const SITES = { tokyo: ['a', 'b'], osaka: ['a'] };
export type Site = keyof typeof SITES;

/** A target of two clusters as somebody has it, whose faults are plans that a spec makes. */
export class Bench {
  readonly clusters = {
    tokyo: new FakeCluster(),
    osaka: Object.assign(new FakeCluster(), { name: 'osaka' }),
  };
  version = 'v1.36.0';
  server = 'https://api.example:6443';
  context = (name: string) => `staging-${name}`;
  uids = true;
  allow: Partial<Allowances> = {};
  allowProtected: readonly string[] = [];
  gateways: { namespace: string; selector: Record<string, string> }[] = [];
  readonly faults: PlannedFault[] = [];
  /** The kind of every fault. */
  readonly kind = { marks: [] as object[] };
  deadMan: DeadMan | undefined;
  noDeadMan = false;
  phases = scenarioWith([]).phases;

  fault(site: Site, plan: Partial<FaultPlan>): this {
    const whole = { fault: 'f', cluster: site, signature: 'stops-serving', namespaces: ['default'], cutsOff: [] };
    const made = { affected: [], tolls: [], objects: [], permissions: [], ...whole, ...plan };
    this.faults.push({
      spec: BLACKHOLE,
      kind: this.kind,
      plan: made,
      open: this.#open(site),
    } as unknown as PlannedFault);
    return this;
  }

  /** A fault that hits these pods of `default`. */
  hit(site: Site, pods: readonly string[], plan: Partial<FaultPlan> = {}): this {
    const affected = pods.map((pod) => ({
      cluster: site,
      namespace: 'default',
      zone: 'a',
      workload: 'w',
      pod,
      ip: '',
    }));
    return this.fault(site, { affected, tolls: ALL_AFFECTED, ...plan });
  }

  enable(site: Site, namespace = 'default'): this {
    const labels = { 'faultline.dev/enabled': 'true' };
    return this.add(site, { ...KINDS.namespace, metadata: { name: namespace, labels } });
  }

  service(site: Site, name: string, pods: readonly string[], ready = true): this {
    const endpoints = pods.map((pod) => ({
      targetRef: { kind: 'Pod', name: pod },
      conditions: { ready },
      addresses: [],
    }));
    const metadata = { name, namespace: 'default', labels: { 'kubernetes.io/service-name': name } };
    return this.add(site, { ...KINDS.endpointSlice, metadata, endpoints });
  }

  add(site: Site, object: KubeObject): this {
    this.clusters[site].add(object);
    return this;
  }

  guarded(): Guarded {
    const { allow, allowProtected, noDeadMan, deadMan, phases, gateways } = this;
    const sites = Object.keys(SITES) as Site[];
    const scenario = {
      ...scenarioWith([]),
      phases,
      allow: { wholeServices: [], gitops: [], everyZone: false, ...allow },
    };
    const target = {
      name: 't',
      clusters: [],
      namespaces: ['default'],
      observe: { namespaces: ['default'], gateways },
      deadMan,
    };
    const clusters = new Map(sites.map((site) => [site, this.#open(site)]));
    const topology = {
      clusters: sites.map((name) => ({
        ...{ name, zones: SITES[name], uid: `uid-of-${name}` },
        ...{ version: this.version, server: this.server },
      })),
    } as unknown as Topology;
    return {
      inputs: { scenario, target, clusters, allowProtected, noDeadMan } as unknown as PlanInputs,
      topology,
      faults: this.faults,
    };
  }

  #open(site: Site): OpenCluster {
    const uid = this.uids ? `uid-of-${site}` : undefined;
    const context = this.context(site);
    const cluster = alteredCluster(this.clusters[site], { kubectl: { context } });
    return { cluster, context, uid, kubeconfig: '', gateways: [] };
  }

  /** What is refused, with what to do about it. */
  async refused(): Promise<string[]> {
    const checks = await checkGuards(this.guarded());
    return checks.filter(({ holds }) => !holds).map(({ detail, hint }) => `${detail} | ${hint ?? ''}`);
  }

  /** What is let pass because somebody has named it. */
  async allowed(): Promise<string[]> {
    const checks = await checkGuards(this.guarded());
    return checks.filter(({ holds, detail }) => holds && detail !== 'holds').map(({ detail }) => detail);
  }
}
