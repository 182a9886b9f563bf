import { parse, parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../model/kubernetes.ts';
import { REGION_LABEL, ZONE_LABEL } from '../../model/kubernetes.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Target } from '../../model/target.ts';
import type { LiveCluster, LivePod } from '../../predict/live-system.ts';
import { type Difference, liveSystem, scenarioOf, swap } from '../../predict/testing/live-fixture.ts';
import type { LintRule } from '../finding.ts';
import { objectText } from '../finding.ts';
import { lint } from '../lint.ts';
import { systemOf } from '../prepare.ts';
import type { Beside, LintSystem, Unread } from '../system.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const LISTS = {
  DestinationRule: 'destinationRules',
  VirtualService: 'virtualServices',
  Gateway: 'gateways',
  Sidecar: 'sidecars',
  EnvoyFilter: 'envoyFilters',
  Service: 'services',
} as const;
const BESIDE = {
  Deployment: 'deployments',
  StatefulSet: 'others',
  Rollout: 'others',
  HorizontalPodAutoscaler: 'autoscalers',
  PodDisruptionBudget: 'budgets',
  Namespace: 'namespaces',
} as const;

/** The vendor page's system, to be changed by a spec: two clusters of two zones, three services, a gateway in each zone. */
export class Mesh {
  readonly clusters: Mutable<LiveCluster>[];
  readonly beside: Mutable<Beside>[];
  readonly unread: Unread[] = [];
  pods: Mutable<LivePod>[];
  target: Target;

  constructor(difference: Difference = {}) {
    const live = structuredClone(liveSystem(difference));
    this.clusters = [...live.clusters];
    this.pods = live.pods.map((pod) => ({ ...pod, labels: { ...pod.labels, ...told(pod) } }));
    this.target = targetOf(live.clusters);
    this.beside = this.clusters.map(({ name }) => besideOf(name, this.pods));
    for (const rule of this.clusters.flatMap(({ destinationRules }) => destinationRules)) {
      rule.metadata.creationTimestamp = '2026-01-01T00:00:00Z';
    }
  }

  /** Applies manifests to all clusters or to one, as kubectl does: what is there is replaced, what is not comes later. */
  apply(yaml: string, cluster?: string): this {
    for (const document of parseAllDocuments(yaml)) {
      const { metadata, ...rest } = document.toJS() as KubeObject;
      const creationTimestamp = '2026-01-02T00:00:00Z';
      const one = { ...rest, metadata: { namespace: 'default', creationTimestamp, ...metadata } } as KubeObject;
      this.#put(one, cluster);
    }
    return this;
  }

  #put(one: KubeObject, only: string | undefined): void {
    const { kind, data } = one;
    for (const [index, live] of this.clusters.entries()) {
      const beside = this.beside[index];
      if ((only !== undefined && live.name !== only) || beside === undefined) continue;
      if (kind in LISTS) replaceIn(live, LISTS[kind as keyof typeof LISTS], one);
      else if (kind in BESIDE) replaceIn(beside, BESIDE[kind as keyof typeof BESIDE], one);
      else if (kind === 'ConfigMap') live.mesh = parse((data as { mesh: string }).mesh) as LiveCluster['mesh'];
      else throw new Error(`the fixture does not know ${kind}`);
    }
  }

  /** Takes an object of the mesh away, everywhere or in one cluster. */
  remove(kind: keyof typeof LISTS, name: string, cluster?: string): this {
    for (const live of this.clusters) {
      if (cluster !== undefined && live.name !== cluster) continue;
      live[LISTS[kind]] = live[LISTS[kind]].filter(({ metadata }) => metadata.name !== name);
    }
    return this;
  }

  /** Has the proxies of a cluster configured by another one, as they are then told from there. */
  configure(cluster: string, by: string): this {
    const from = this.clusters.find(({ name }) => name === by);
    const to = this.clusters.find(({ name }) => name === cluster);
    if (from === undefined || to === undefined) throw new Error(`no cluster ${cluster} or ${by}`);
    const { destinationRules, virtualServices, gateways, sidecars, envoyFilters, mesh } = from;
    const configuration = { destinationRules, virtualServices, gateways, sidecars, envoyFilters, mesh };
    Object.assign(to, { ...configuration, configuredBy: by });
    for (const beside of this.beside)
      if (beside.cluster === cluster) Object.assign(beside, { istiod: false, remotes: 0 });
    return this;
  }

  /** Changes the pods that a part of their name is of. */
  edit(name: string, change: (pod: Mutable<LivePod>) => void): this {
    for (const pod of this.pods) if (pod.name.includes(name)) change(pod);
    return this;
  }

  /** What rules get to see of it. */
  system(scenario?: Scenario): LintSystem {
    const { clusters, pods, target, beside, unread } = this;
    const live = { clusters, pods };
    return systemOf({ live, target, beside, unread, ...(scenario === undefined ? {} : { scenario }) });
  }

  /** Severity and object of everything that a rule finds, sorted. */
  finds(rule: LintRule, scenario?: Scenario): string[] {
    const { findings } = lint(this.system(scenario), [rule]);
    return findings.map(({ severity, object }) => `${severity} ${objectText(object)}`).sort();
  }

  /** Everything that all rules find but notes, each once: `error max-ejection-percent`. */
  accusations(scenario?: Scenario): string[] {
    const { findings } = lint(this.system(scenario));
    const worse = findings.filter(({ severity }) => severity !== 'info');
    return [...new Set(worse.map(({ severity, rule }) => `${severity} ${rule}`))].sort();
  }
}

function replaceIn<K extends string>(owner: { [key in K]: readonly KubeObject[] }, list: K, one: KubeObject): void {
  const isSame = ({ metadata }: KubeObject): boolean =>
    metadata.name === one.metadata.name && metadata.namespace === one.metadata.namespace;
  const old = owner[list].find(isSame);
  const { creationTimestamp = one.metadata.creationTimestamp } = old?.metadata ?? {};
  const metadata = { ...one.metadata, ...(creationTimestamp === undefined ? {} : { creationTimestamp }) };
  owner[list] = [...owner[list].filter((item) => item !== old), { ...one, metadata }];
}

/** Labels that a pod of the real system has, those of istiod included. */
function told({ locality, cluster }: LivePod): Record<string, string> {
  const { region, zone } = locality;
  return { version: zone, [REGION_LABEL]: region, [ZONE_LABEL]: zone, 'topology.istio.io/cluster': cluster };
}

function targetOf(clusters: readonly LiveCluster[]): Target {
  const zones: Record<string, string[]> = {
    tokyo: ['ap-northeast-1a', 'ap-northeast-1b'],
    hangzhou: ['cn-hangzhou-h', 'cn-hangzhou-k'],
  };
  return {
    name: 'pages',
    namespaces: ['default'],
    lockNamespace: 'default',
    observe: {
      namespaces: ['default'],
      gateways: [{ namespace: 'istio-system', selector: { istio: 'ingressgateway' } }],
    },
    clusters: clusters.map(({ name, region }) => ({
      ...{ name, region, kubeconfig: 'k', context: name },
      gateways: (zones[name] ?? []).map((zone) => ({
        zone,
        address: { kind: 'url' as const, protocol: 'http' as const, host: '127.0.0.1', port: 80 },
      })),
    })),
  };
}

const STATS = 'proxyStatsMatcher: {inclusionRegexps: [".*outlier_detection.*"]}';

function besideOf(cluster: string, pods: readonly LivePod[]): Beside {
  const own = pods.filter((pod) => pod.cluster === cluster);
  const deployments = own.map(({ namespace, workload }) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace, name: workload },
    spec: {
      replicas: 1,
      template: {
        metadata: { annotations: { 'proxy.istio.io/config': STATS } },
        spec: { containers: [{ name: 'default' }] },
      },
    },
  }));
  const nothing = { others: [], autoscalers: [], budgets: [], namespaces: [], idle: [] };
  return { cluster, deployments, ...nothing, roots: ['ROOT'], remotes: 1, istiod: true };
}

/** The drill of the vendor page at 20/s: the image of mockb is swapped in the first zone. */
export function drill(change: Partial<Scenario> = {}): Scenario {
  return { ...scenarioOf([swap()]), ...change };
}

/** The drill with other promises. */
export function promising(expect: Partial<Scenario['expect']>): Scenario {
  const scenario = drill();
  return { ...scenario, expect: { ...scenario.expect, ...expect } };
}
