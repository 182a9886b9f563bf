import type { FaultMove } from './fault-move.ts';
import type { AffectedPod, Signature, TouchedObject } from './history.ts';
import type { HostRoute } from './host-route.ts';
import type { JsonPatchOp, KubeKind, KubeObject } from './kubernetes.ts';
import type { Clock, Cluster, Outside } from './ports.ts';
import type { FaultBlock, Json } from './scenario.ts';
import type { StarterAim, StarterBlock } from './starter-aim.ts';
import type { GatewayPods } from './target.ts';
import type { Toll } from './toll.ts';
import type { Micros, Millis } from './units.ts';

/** The ingress gateways of one cluster, as a targets file declares them. */
export type DeclaredGateways = {
  readonly pods: readonly GatewayPods[];
  /** Zones with an address of their own that the load may use. */
  readonly zones: readonly string[];
};

/** A cluster that another one's istiod serves, as far as a fault looks at it. */
export type ServedCluster = Pick<Cluster, 'name' | 'list' | 'proxyAdmin'>;

/** What a fault may use. Writes go through `cluster`, which belongs to the fault's own cluster only. */
export type FaultContext = {
  readonly runId: string;
  readonly cluster: Cluster;
  readonly clock: Clock;
  /** The run's time; the zero of every Micros in the record. */
  readonly now: () => Micros;
  /** Ends waits early. An undo still makes all its writes, and goes on looking whether they have worked, for a shorter time. */
  readonly signal: AbortSignal;
  /** What the targets file says of the ingress gateways of the cluster; absent but in a plan. */
  readonly gateways?: DeclaredGateways;
  /** Other clusters that are configured by this one. Absent where nobody can ask them, as in a dead-man. */
  readonly served?: readonly ServedCluster[];
  /**
   * The run's plans are not in the cluster any more: a recovery has taken them away when all was undone, or a person has.
   * Whose a value is that others set as well, nobody can tell then of an object without the run's label.
   */
  readonly plansGone?: true;
  /** The cluster is gone with all that was in it: what lies outside of it is undone by the word of the local journal. */
  readonly clusterGone?: true;
  /** UIDs of what is known to have been created for the fault; absent where nobody knows of any. */
  readonly created?: ReadonlySet<string>;
  /** Absent where a fault may touch nothing outside of Kubernetes. */
  readonly outside?: Outside;
  /** A fault that goes on acting (kills every N seconds, labels new pods) says here what it hit. */
  readonly onAffected: (pods: readonly AffectedPod[]) => void;
};

/** One thing the API must allow. Undo verbs are listed too. */
export type Permission = KubeKind & {
  readonly verb: string;
  /** Empty where it is asked for the whole cluster. */
  readonly namespace: string;
  readonly subresource?: string;
  /** Only this object is needed (`resourceNames` of a rule). */
  readonly name?: string;
  /** The undo of a fault asks for it. */
  readonly undo?: true;
};

/** What a kind of fault asks of the API, in each namespace of a fault or of the whole cluster. */
export type PermissionRule = {
  readonly kind: KubeKind;
  readonly subresource?: string;
  readonly verbs: readonly string[];
  /** Those of the verbs that the undo asks for; none when absent. */
  readonly undo?: readonly string[];
  readonly scope: 'namespace' | 'cluster';
  /** Asked for only where the block of the fault has this field. */
  readonly with?: string;
  /** Not asked for where it has this one. */
  readonly without?: string;
};

/** What a fault has left inside an object, where no label can say it. */
export type Inside = {
  readonly runId: string;
  /** What takes it away by hand. */
  readonly command: string;
};

/** What an object that a fault has marked tells of its plan: enough for an undo that has nothing else. */
export type MarkedPlan = Pick<FaultPlan, 'kind' | 'fault' | 'runId' | 'objects' | 'data'>;

/** A kind of object that carries the run's label while a fault is on, or shows it in another way. */
export type Mark = {
  readonly kind: KubeKind;
  /** As kubectl calls it: `networkpolicy`. */
  readonly resource: string;
  /** True where the fault creates it, false where it labels what is there. */
  readonly ours: boolean;
  /** Objects of this kind belong to no namespace. */
  readonly scope?: 'cluster';
  /** Marked only where the block of the fault has this field. */
  readonly with?: string;
  /** Where it is no label: reads what faults of this kind have left in an object, and still is at work there. */
  readonly inside?: (object: KubeObject) => readonly Inside[];
  /** Reads plans from an object on which they do not stand in the annotation for them. */
  readonly plans?: (object: KubeObject) => readonly MarkedPlan[];
  /** Takes off an object what a run has left in it besides, where a person leaves all else as it stands. */
  readonly unmark?: (object: KubeObject, runId: string) => readonly JsonPatchOp[];
};

/** What follows from a kind of object that a block names. */
export type Named = { readonly permissions: readonly PermissionRule[]; readonly marks: readonly Mark[] };

/** A pod, as `namespace/name`, or one container of it alone. */
export type PodPart = { readonly pod: string; readonly container?: string };

/**
 * Everything about one fault, decided before anything is touched. It is pure data: the journal keeps it, and the undo
 * works from it alone, on another machine.
 */
export type FaultPlan = {
  readonly kind: string;
  readonly fault: string;
  readonly runId: string;
  readonly cluster: string;
  /** One line in plain words. */
  readonly summary: string;
  /** What the requests must show of it. */
  readonly signature: Signature;
  /** Whom it hits, on which the judgement rests: somebody, unless the signature is `none`. */
  readonly affected: readonly AffectedPod[];
  /** What it may take from Services; none where nothing is known. */
  readonly tolls: readonly Toll[];
  /** What it routes in the mesh; absent where it is nothing. */
  readonly routes?: readonly HostRoute[];
  /** Calls that its object, of which nothing else is known, changes as configuration of the mesh; absent where there are none. */
  readonly reaches?: readonly HostRoute[];
  /** It writes configuration of the mesh that holds in all namespaces where its own is Istio's root namespace; absent where it holds there alone. */
  readonly meshWide?: true;
  /** Of its cluster, those that are others once it is on, or may be; absent where none are. */
  readonly replaces?: readonly PodPart[];
  /** Of its cluster, those that it hits as they were when it was planned, and none in their place; absent where it takes whoever is there by then. */
  readonly hits?: readonly PodPart[];
  /** Every namespace that the fault may touch, now or later: guards and permissions look at all of them. */
  readonly namespaces: readonly string[];
  /** Zones of its cluster that it cuts off as a whole; empty where it hits single workloads. */
  readonly cutsOff: readonly string[];
  /** What will be changed, with `before` and the wanted `during`. */
  readonly objects: readonly TouchedObject[];
  readonly permissions: readonly Permission[];
  /** What the reader should know before saying yes. */
  readonly warnings: readonly string[];
  /** When the cluster ends the fault by itself, counted from the injection; absent where it never does. */
  readonly expiresMs?: Millis;
  /** How the fault ends if the runner dies for good, in words. */
  readonly deadMan: string;
  /** The kind's own data, for inject, prove and undo. */
  readonly data: Json;
};

/**
 * Proof that the fault is on: the objects read back as wanted, and something that the fault did not write itself
 * (pods, endpoints) shows the effect. The requests are a third witness, heard by the analysis.
 */
export type EffectProof = {
  readonly proven: boolean;
  /** In words: what was read back and what was observed, or what was missing. */
  readonly detail: string;
  /** True when the cluster itself shows the effect; false when only the requests can. */
  readonly observed: boolean;
  /** When the effect began, as far as the cluster shows. */
  readonly effective?: Micros;
  readonly affected?: readonly AffectedPod[];
};

/** `conflict`: somebody else's change was found and left alone. `failed`: it could not be done, and may be tried again. */
export type UndoOutcome = {
  readonly state: 'undone' | 'conflict' | 'failed';
  readonly detail: string;
  readonly objects: readonly TouchedObject[];
  /** What a person has to do before these commands, in words: what nobody here vouches for is none of them. */
  readonly first?: string;
  /** Commands that finish the work, where something is left; they may overwrite what others have changed. */
  readonly commands: readonly string[];
  /** Commands by which what others have changed stays as it is, and the fault counts as undone. */
  readonly keep?: readonly string[];
  /** A value that was left alone is that of the fault, and nobody can tell whose it is (`FaultContext.plansGone`). */
  readonly stands?: true;
};

/** An undo by hand: commands to paste, none where nobody knows of any; where nobody vouches for the plan, in words (`UndoOutcome`). */
export type ByHand = Pick<UndoOutcome, 'commands' | 'first'>;

/**
 * One kind of fault. `plan` is read only. `undo` is idempotent, tests values, and never overwrites somebody else's
 * change; it must cope with a fault whose inject was cut off at any point.
 */
export type FaultKind = {
  readonly kind: string;
  /** One paragraph for the documentation. */
  readonly doc: string;
  /** Its row in the README's table: what it does, how it is undone, and how it ends when the runner dies for good. */
  readonly row: { readonly does: string; readonly undo: string; readonly deadMan: string };
  /** JSON Schema of the fault's block in a scenario. */
  readonly schema: Json;
  /** A valid block as it is written, for the embedded sandbox. */
  readonly example: FaultBlock;
  /** How a first scenario takes pods away by it; absent, or undefined, where another kind is the better one to start with. */
  starter?(aim: StarterAim): StarterBlock | undefined;
  /** All that its life needs, the undo included. */
  readonly permissions: readonly PermissionRule[];
  /** Every kind of object that carries its mark. */
  readonly marks: readonly Mark[];
  /** A field of its block that names a file of YAML, beside the scenario, and the field that has its content in a plan. */
  readonly file?: { readonly from: string; readonly to: string };
  /** What it asks for and marks besides, where the block itself names the kind of an object. */
  named?(spec: FaultBlock): Named;
  /** It hits the ingress gateways that are declared, in whatever namespace they are: its block names none. */
  readonly isAtGateways?: true;
  /** What it does lies outside of its cluster, and outlives that. Its undo works only on the machine that has planned it: no dead-man can do it. */
  readonly local?: {
    /** How a person does the undo of a plan themself; where nobody vouches for the plan, in words alone. */
    byHand(plan: FaultPlan, context: Pick<FaultContext, 'outside'>): Promise<ByHand>;
  };
  /** Whether the data of a plan, which may come from a journal of another machine, is of this kind. */
  isData(data: Json): boolean;
  /** What it does to pods; `nothing` where it changes nothing that a call meets. */
  move(spec: FaultBlock): FaultMove;
  /** `spec` is the block as the schema has read it. */
  plan(fault: { readonly name: string; readonly spec: FaultBlock }, context: FaultContext): Promise<FaultPlan>;
  /** Resolves when the API has acknowledged every write of the first round. */
  inject(plan: FaultPlan, context: FaultContext): Promise<void>;
  /**
   * Keeps the fault up after `inject` (more kills, pods that came later) until `context.signal`; absent where nothing is
   * to do. Rejects when it cannot: the fault is not proven any more then.
   */
  sustain?(plan: FaultPlan, context: FaultContext): Promise<void>;
  /** Waits, up to the kind's own limit, until the effect is seen. */
  prove(plan: FaultPlan, context: FaultContext): Promise<EffectProof>;
  /**
   * Looks, while the fault is on, whether its cluster would still end it by itself at its expiry; resolves to why not, in words. Absent
   * where no object of the cluster does that. Rejects where the API does not say.
   */
  whyEndless?(plan: FaultPlan, context: FaultContext): Promise<string | undefined>;
  undo(plan: FaultPlan, context: FaultContext): Promise<UndoOutcome>;
};
