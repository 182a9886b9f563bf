import { DEFAULT_TOPOLOGY } from '../../topologies/index.ts';
import { kubeconfigText } from '../access-files.ts';
import { newUid } from '../api/identity.ts';
import { assemble, INSIDES, type Insides, type Sandbox, type SandboxOptions } from '../assemble.ts';
import type { ClusterParts } from '../cluster.ts';

import type { Network } from '../nodes/network.ts';
import type { StartPod } from '../nodes/running-pods.ts';
import { FaultyApi } from './faulty-api.ts';
import { hosting, type Programs } from './hosted-pods.ts';
import { type Role, TestUsers, userWith } from './users.ts';

/** How the sandbox is told to misbehave, at any time: a fault that does not bite must be noticed. */
type Misbehaviour = {
  /** The network plug-in ignores NetworkPolicy, as Flannel does, and the kernel what iptables is told. */
  ignoreNetworkPolicy: boolean;
  /** Containers go on being the mock service, whatever image and command say, when they start next. */
  ignoreImages: boolean;
  /** By cluster name: what goes wrong with API requests and watches. */
  readonly api: Readonly<Record<string, FaultyApi>>;
};

/** A user of the sandbox who is no administrator. */
export type RestrictedUser = {
  /** YAML text with the same contexts as the administrator's. */
  readonly kubeconfig: string;
  /** What was refused so far, by cluster and in order: `tokyo: list pods in default`. */
  refused(): string[];
};

/** A sandbox with mistakes on demand and further users. */
export type FaultySandbox = Sandbox & {
  readonly misbehave: Misbehaviour;
  /**
   * Adds a user to every cluster who may do only what the roles allow, by cluster name; a cluster without roles refuses
   * everything but discovery and access reviews, as RBAC does by default.
   */
  addUser(name: string, roles: Readonly<Record<string, readonly Role[]>>): RestrictedUser;
};

/** How fast it is, and what it claims to be: as the sandbox itself where nothing is said. */
type Ways = Omit<Insides, 'network' | 'cluster'>;

export type FaultySandboxOptions = SandboxOptions &
  Partial<Ways> & {
    /** Real programs in place of containers, to follow a log or to reach a port. Asked for every pod. @default none */
    readonly programs?: Programs;
  };

/** Starts a sandbox that behaves well until it is told otherwise. */
export async function startFaultySandbox(options: FaultySandboxOptions): Promise<FaultySandbox> {
  const { programs = () => undefined, ...rest } = options;
  const { clusters } = options.topology ?? DEFAULT_TOPOLOGY;
  const names = clusters.map(({ name }) => name);
  const api = Object.fromEntries(names.map((name) => [name, new FaultyApi()]));
  const users = new Map(names.map((name) => [name, new TestUsers()]));
  const misbehave: Misbehaviour = { ignoreNetworkPolicy: false, ignoreImages: false, api };
  const clusterParts = (name: string): ClusterParts => {
    const host = hosting(programs, name);
    const known = users.get(name);
    return {
      handler: (own) => {
        const seen = known?.handler(own) ?? own;
        return api[name]?.handler(seen) ?? seen;
      },
      ...(known === undefined ? {} : { userOf: known.userOf }),
      startPod: (own) => host(mockInstead(own, misbehave)),
    };
  };
  const network = (own: Network) => openWhenTold(own, misbehave);
  const sandbox = await assemble(rest, { ...INSIDES, ...rest, network, cluster: clusterParts });
  return {
    ...sandbox,
    misbehave,
    addUser: (name, roles) => {
      const token = newUid(options.random);
      for (const [cluster, known] of users) known.add(token, userWith(name, roles[cluster] ?? []));
      return {
        kubeconfig: kubeconfigText(sandbox.clusters, token),
        refused: () =>
          [...users].flatMap(([cluster, known]) => known.refused(token).map((one) => `${cluster}: ${one}`)),
      };
    },
  };
}

function openWhenTold(own: Network, misbehave: Misbehaviour): Network {
  return {
    ...own,
    allows: (...way) => misbehave.ignoreNetworkPolicy || own.allows(...way),
    fate: (...way) => (misbehave.ignoreNetworkPolicy ? 'carried' : own.fate(...way)),
  };
}

function mockInstead(own: StartPod, misbehave: Misbehaviour): StartPod {
  return (start) => own(misbehave.ignoreImages && start.program !== 'gateway' ? { ...start, program: 'mock' } : start);
}
