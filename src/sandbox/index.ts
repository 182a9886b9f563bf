import { DEFAULT_ISTIO, type IstioVersion } from '../mesh/istio-version.ts';
import type { Clock, Random } from '../model/ports.ts';
import type { Millis } from '../model/units.ts';
import { kubeconfigText, targetsText } from './access-files.ts';
import { type AccessRule, accessText } from './api/access.ts';
import { newUid } from './api/identity.ts';
import type { Misbehave } from './api/misbehave.ts';
import { createStore } from './api/store.ts';
import { type Role, type User, userWith } from './api/users.ts';
import { SandboxCluster } from './cluster.ts';
import { PodRegistry } from './mesh/pod-registry.ts';
import { claimAddresses } from './nodes/addresses.ts';
import { type DataPlaneMisbehaviour, wellBehaved } from './nodes/misbehave.ts';
import { createNetwork } from './nodes/network.ts';
import { PacketFilters } from './nodes/packet-filter.ts';
import type { Programs } from './programs/hosted-pods.ts';
import { untilReady } from './readiness.ts';
import { LAYOUT } from './topology.ts';

export type SandboxOptions = {
  readonly clock: Clock;
  readonly random: Random;
  /**
   * `per-zone`: every pod and gateway zone has its own loopback address (Linux); `single`: all on 127.0.0.1 with ports
   * of their own.
   * @default 'per-zone'
   */
  readonly host?: 'per-zone' | 'single';
  /** Documents to apply on top of the project's own manifests, to one cluster or to both. */
  readonly manifests?: readonly { readonly cluster: string | undefined; readonly text: string }[];
  /** Namespaces beside `default` that the targets file lets faults touch. @default none */
  readonly namespaces?: readonly string[];
  /**
   * Real programs in place of containers, for specs that need to follow a log or to reach a port. Asked for every pod.
   * @default none
   */
  readonly programs?: Programs;
  /** From the binding of a pod to the start of its containers. @default 300 */
  readonly podStartMs?: Millis;
  /**
   * How long a pod has its address and is not ready, because its sidecar starts first. The pods that the sandbox begins
   * with are spared it. It takes 2.6 s in the lab; longer than Envoy's merge window is what matters.
   * @default 1200
   */
  readonly sidecarStartMs?: Millis;
  /** Quiet time before istiod pushes. @default 100 */
  readonly debounceMs?: Millis;
  /** Which Istio the mesh claims to be. @default 1.31, as the lab's */
  readonly istio?: IstioVersion;
  /** How long the API server tries to reach a pod that NetworkPolicy isolates. @default 30000 */
  readonly dialTimeoutMs?: Millis;
};

/** How the sandbox is told to misbehave, at any time. */
export type SandboxMisbehaviour = DataPlaneMisbehaviour & {
  /** By cluster name: what goes wrong with API requests and watches. */
  readonly api: Readonly<Record<string, Misbehave>>;
  /** By cluster name: what callers may not do. */
  readonly deny: Readonly<Record<string, AccessRule[]>>;
};

/** A user of the sandbox who is no administrator. */
export type RestrictedUser = {
  /** YAML text with the same contexts as the administrator's. */
  readonly kubeconfig: string;
  /** What was refused so far, by cluster and in order: `tokyo: list pods in default`. */
  refused(): string[];
};

/** A running sandbox: two clusters, one mesh, real HTTP on loopback addresses. */
export type Sandbox = {
  /** YAML text with the contexts `tokyo` and `hangzhou`. */
  readonly kubeconfig: string;
  /** YAML text of a targets file; it expects the kubeconfig beside it. */
  readonly targets: string;
  readonly clusters: readonly SandboxCluster[];
  readonly misbehave: SandboxMisbehaviour;
  /**
   * Adds a user to every cluster who may do only what the roles allow, by cluster name; a cluster without roles refuses
   * everything but discovery and access reviews, as RBAC does by default.
   */
  addUser(name: string, roles: Readonly<Record<string, readonly Role[]>>): RestrictedUser;
  close(): Promise<void>;
};

/** Starts a sandbox and resolves when every workload is ready and every caller sees every endpoint. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { clock, random } = options;
  const addresses = await claimAddresses(options.host ?? 'per-zone');
  const misbehave: SandboxMisbehaviour = {
    ...wellBehaved(),
    api: Object.fromEntries(LAYOUT.map(({ name }) => [name, {}])),
    deny: Object.fromEntries(LAYOUT.map(({ name }) => [name, []])),
  };
  const stores = new Map(LAYOUT.map(({ name }) => [name, createStore({ clock, random })]));
  const filters = new PacketFilters();
  const network = createNetwork(stores, misbehave, filters);
  const pods = new PodRegistry();
  const token = newUid(random);
  const users = new Map(LAYOUT.map(({ name }) => [name, new Map<string, User>()]));
  let up = false;
  const starting = await Promise.allSettled(
    LAYOUT.map((layout) =>
      SandboxCluster.start({
        layout,
        stores,
        clock,
        random,
        addresses,
        network,
        filters,
        pods,
        programs: options.programs ?? (() => undefined),
        misbehave,
        api: misbehave.api[layout.name] ?? {},
        deny: misbehave.deny[layout.name] ?? [],
        token,
        users: users.get(layout.name) ?? new Map(),
        ...settingsOf(options, () => up),
        manifests: manifestsFor(options, layout.name),
      }),
    ),
  );
  const clusters = starting.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  const close = async (): Promise<void> => {
    await Promise.all(clusters.map((cluster) => cluster.close()));
    network.close();
    await addresses.close();
  };
  try {
    for (const start of starting) if (start.status === 'rejected') throw start.reason;
    await untilReady(clusters, pods, clock);
    up = true;
  } catch (error) {
    await close();
    throw error;
  }
  return {
    kubeconfig: kubeconfigText(clusters, token),
    targets: targetsText(clusters, options.namespaces ?? []),
    clusters,
    misbehave,
    addUser: (name, roles) => {
      const own = newUid(random);
      const added = LAYOUT.map((layout) => ({ cluster: layout.name, user: userWith(name, roles[layout.name] ?? []) }));
      for (const { cluster, user } of added) users.get(cluster)?.set(own, user);
      return {
        kubeconfig: kubeconfigText(clusters, own),
        refused: () =>
          added.flatMap(({ cluster, user }) => user.refused.map((one) => `${cluster}: ${accessText(one)}`)),
      };
    },
    close,
  };
}

function settingsOf(options: SandboxOptions, up: () => boolean) {
  const { podStartMs = 300, sidecarStartMs = 1200, debounceMs = 100, dialTimeoutMs = 30_000 } = options;
  const istio = options.istio ?? DEFAULT_ISTIO;
  return { podStartMs, sidecarStartMs: () => (up() ? sidecarStartMs : 0), debounceMs, dialTimeoutMs, istio };
}

function manifestsFor(options: SandboxOptions, cluster: string): string[] {
  return (options.manifests ?? [])
    .filter((entry) => entry.cluster === undefined || entry.cluster === cluster)
    .map((entry) => entry.text);
}
