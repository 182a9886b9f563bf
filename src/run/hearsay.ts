import { alteredCluster } from '../faults/altered-cluster.ts';
import { isFenceWrite } from '../faults/fence.ts';
import { planIn } from '../faults/marked-plans.ts';
import { hasFaultOf, sameJson } from '../faults/marks.ts';
import type { ClusterMembers } from '../model/cluster-roles.ts';
import { FaultlineError } from '../model/errors.ts';
import type { FaultKind, FaultPlan, Mark, MarkedPlan, UndoOutcome } from '../model/fault.ts';
import { inContext } from '../model/kubectl.ts';
import { type KubeObject, PLAN_ANNOTATION } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import { acceptCommand } from '../model/recover-command.ts';
import { shellCommand } from '../model/shell.ts';
import { isSystemNamespace } from '../model/system-namespaces.ts';
import { isDone } from '../model/touched-object.ts';
import { type Accepted, isNamed } from './accept.ts';
import { plansRef } from './lock-objects.ts';

/** Who tells of a plan: the plans of a run in the cluster, or an object that carries it. Neither is a journal of ours. */
export type Teller = 'plans' | 'object';

type Hearsay = {
  readonly plan: FaultPlan;
  readonly teller: Teller;
  /** Those of the target: what lies outside is not touched on the word of a cluster. */
  readonly namespaces: readonly string[];
  readonly kind: () => Pick<FaultKind, 'marks'>;
  /** Called when it was refused: another plan of the same fault may be the true one. */
  readonly onRefused: () => void;
  /** What a person who has looked has decided. */
  readonly accept: Accepted | undefined;
  /** The command that recovers its run. */
  readonly recover: string;
  /** Where the plans are. */
  readonly lockNamespace: string;
};

type Named = { readonly kind: string; readonly namespace?: string; readonly name: string };
/** What an undo was about to change, and why it was not. */
type Refusal = {
  readonly object: Named;
  readonly why: string;
  /** It was looked at, and carries nothing of that run: but for the plan nothing speaks of a fault there. */
  readonly isBare?: boolean;
};
/** What an undo may use of a cluster, and whether something that it has read bears out what its plan says. */
type Seen = { readonly cluster: Cluster; readonly isVouched: (object: Named) => boolean };

/**
 * Undoes what only a cluster tells of, where everybody who may write one object may have made it up: in namespaces of the
 * target, and only what carries the mark of that run itself; of a plan that stands on an object, only what tells the same
 * plan. All else is not written: it is named, for a person to look at. Who has looked, and found no mark of that run on any of it, may have
 * the plan closed as it stands: that writes nothing but the plans.
 */
export async function undoHearsay(
  cluster: Cluster,
  hearsay: Hearsay,
  undo: (cluster: Cluster) => Promise<UndoOutcome>,
): Promise<UndoOutcome> {
  const outside = outsideOf(hearsay);
  const refusals: Refusal[] = outside === undefined ? [] : [outside];
  const seen = onlyMarked(cluster, hearsay, (refusal) => refusals.push(refusal));
  const outcome = outside === undefined ? await undo(seen.cluster) : undefined;
  if (outcome !== undefined && refusals.length === 0) return borneOut(cluster, outcome, seen, hearsay.recover);
  hearsay.onRefused();
  return refused(cluster, hearsay, refusals);
}

/** The first thing that a plan says it touches outside of the target, if any. */
function outsideOf({ plan, namespaces }: Hearsay): Refusal | undefined {
  const named = [
    ...(plan.objects ?? []),
    ...(plan.namespaces ?? []).map((name) => ({ kind: 'Namespace', name, namespace: name })),
  ];
  const object = named.find(({ namespace }) => namespace !== '' && !mayTouch(namespace, namespaces));
  return object === undefined ? undefined : { object, why: whyOutside(object.namespace) };
}

const mayTouch = (namespace: string, namespaces: readonly string[]): boolean =>
  namespaces.includes(namespace) && !isSystemNamespace(namespace);

const whyOutside = (namespace: string): string => `namespace ${namespace} is none that faults of this target may touch`;

/** A cluster that takes writes of an undo only where they are to what is vouched for. An undo reads what it writes. */
function onlyMarked(cluster: Cluster, hearsay: Hearsay, refuse: (refusal: Refusal) => void): Seen {
  const seen = new Map<string, KubeObject>();
  /** UIDs of what was vouched for: its pods go with it, and what the undo itself has taken off it by now speaks against nothing. */
  const vouched = new Set<string>();
  const isVouched = (found: KubeObject): boolean => {
    const { uid = '', ownerReferences = [] } = found.metadata;
    return tells(found, hearsay) || [uid, ...ownerReferences.map((owner) => owner.uid)].some((one) => vouched.has(one));
  };
  const keep = (kind: string, object: KubeObject) => {
    const { namespace, name = '' } = object.metadata;
    seen.set(keyOf({ kind, name, ...(namespace === undefined ? {} : { namespace }) }), { ...object, kind });
  };
  const check = ({ kind, namespace, name }: Named, isHarmless = false): void => {
    const object = { kind, name, ...(namespace === undefined ? {} : { namespace }) };
    const found = seen.get(keyOf(object));
    const why = whyNot(namespace, isHarmless ? 'harmless' : found);
    if (why !== undefined) {
      refuse({ object, why, isBare: found !== undefined && isBare(found, hearsay) });
      throw new FaultlineError('FAULT_REFUSED', `${nameOf(object)}: ${why}`);
    }
    // A fence is written to whatever it is: that vouches for nothing.
    if (!isHarmless && found?.metadata.uid !== undefined) vouched.add(found.metadata.uid);
  };
  const whyNot = (namespace: string | undefined, found: KubeObject | undefined | 'harmless'): string | undefined => {
    // What has no namespace, as a node, is written with none or with an empty one.
    if (namespace && !mayTouch(namespace, hearsay.namespaces)) return whyOutside(namespace);
    if (found === 'harmless') return undefined;
    if (found === undefined) return 'nobody has looked at it';
    if (isVouched(found)) return undefined;
    const { runId } = hearsay.plan;
    return hearsay.teller === 'plans'
      ? `it does not carry the mark of run ${runId}, or tells another plan of that fault`
      : `it does not carry the plan of run ${runId} that another object tells of it`;
  };
  const writes: ClusterMembers<'write'> = {
    create: async ({ kind, metadata: { namespace, name = '' } }) => {
      const object = { kind, name, ...(namespace === undefined ? {} : { namespace }) };
      const why = 'an undo creates nothing';
      refuse({ object, why });
      throw new FaultlineError('FAULT_REFUSED', `${nameOf(object)}: ${why}`);
    },
    patch: async (ref, ops, options) => {
      check(ref, isFenceWrite(ops));
      return cluster.patch(ref, ops, options);
    },
    delete: async (ref, options) => {
      check(ref);
      return cluster.delete(ref, options);
    },
    exec: async (where, command) => {
      check({ kind: 'Pod', namespace: where.namespace, name: where.pod });
      return cluster.exec(where, command);
    },
  };
  const altered = alteredCluster(cluster, {
    get: async (ref) => {
      const object = await cluster.get(ref);
      if (object === undefined) seen.delete(keyOf(ref));
      else keep(ref.kind, object);
      return object;
    },
    list: async (kind, filter) => {
      const objects = await cluster.list(kind, filter);
      for (const object of objects) keep(kind.kind, object);
      return objects;
    },
    ...writes,
  });
  const isBorneOut = (object: Named) => {
    const found = seen.get(keyOf(object));
    return found !== undefined && isVouched(found);
  };
  return { cluster: altered, isVouched: isBorneOut };
}

/** A command that only looks, in which no quoted text stands before its verb. */
const LOOKS = /^kubectl( (-n|--context|--kubeconfig) [^\s'"]+)* get /;

/**
 * What an undo has come to, where what it has left vouches for its plan. Where it does not, nobody but the plan knows what
 * stood there: a command that writes it would be run by a person on the word of whoever may write to the cluster.
 */
function borneOut(cluster: Cluster, outcome: UndoOutcome, { isVouched }: Seen, recover: string): UndoOutcome {
  const left = outcome.objects.filter((object) => !isDone(object));
  const isHarmless = (command: string) => command === recover || LOOKS.test(command);
  if (outcome.state === 'undone' || outcome.commands.every(isHarmless) || left.every(isVouched)) return outcome;
  const told = left.map((object) => `${nameOf(object)}: ${object.before ?? 'not told'}`).join('; ');
  return {
    ...outcome,
    detail:
      `${outcome.detail}. Only the cluster tells of this plan, nothing there bears it out, and anybody who may write there may have ` +
      `made it up: no command is printed that writes what it says was there before (${told}). Find out what belongs there`,
    commands: [...lookCommands(cluster, left), ...outcome.commands.filter(isHarmless)],
  };
}

/** Whether an object itself vouches for what a plan says of it. */
function tells(object: KubeObject, hearsay: Hearsay): boolean {
  const { plan, teller } = hearsay;
  const { marks, stamped, told } = saidBy(object, hearsay);
  // What was created is only deleted, and a plan that is read from what names no object knows no values; all else is put back to
  // what its own plan says.
  const isCreated = marks.some(({ ours }) => ours);
  const isValued = (one: MarkedPlan) => !isCreated && (one === stamped || one.objects.length > 0);
  const isSame = (one: MarkedPlan) => !isValued(one) || sameJson(one.data, plan.data);
  const same = told.filter((one) => one.fault === plan.fault && one.kind === plan.kind);
  if (teller === 'object') return same.some(isSame);
  return !isBare(object, hearsay) && (!told.some(isValued) || same.some(isSame));
}

/** Whether an object carries no mark of the run in any way. */
function isBare(object: KubeObject, hearsay: Hearsay): boolean {
  const { runId } = hearsay.plan;
  const { marks, told } = saidBy(object, hearsay);
  const inside = marks.flatMap((mark) => mark.inside?.(object) ?? []);
  return !hasFaultOf(object, runId) && told.length === 0 && inside.every((one) => one.runId !== runId);
}

/** The plans of the run that an object tells of. */
function saidBy(object: KubeObject, { plan: { runId }, kind }: Hearsay) {
  const marks = kind().marks.filter((mark: Mark) => mark.kind.kind === object.kind);
  const stamped = planIn(object.metadata.annotations?.[PLAN_ANNOTATION]);
  const derived = marks.flatMap((mark) => mark.plans?.(object) ?? []);
  const told = [...(stamped === undefined ? [] : [stamped]), ...derived].filter((one) => one.runId === runId);
  return { marks, stamped, told };
}

function refused(
  cluster: Cluster,
  { plan, teller, accept, recover, lockNamespace }: Hearsay,
  refusals: readonly Refusal[],
): UndoOutcome {
  const unique = [...new Map(refusals.map((one) => [nameOf(one.object), one])).values()];
  const named = unique.map(({ object: { kind, namespace = '', name } }) => ({ kind, namespace, name }));
  const isForPerson = teller === 'plans' && unique.every(({ isBare }) => isBare === true);
  const what = unique.map(({ object, why }) => `${nameOf(object)}: ${why}`).join('; ');
  if (isForPerson && accept !== undefined && named.every((object) => isNamed(object, accept))) {
    const detail = `cluster ${cluster.name}: ${what}. Accepted as it stands: nothing was written, and its plan is closed`;
    return { state: 'undone', detail, objects: [], commands: [] };
  }
  const { name } = plansRef(lockNamespace);
  const all = inContext(`kubectl -n ${lockNamespace} delete configmap/${name} --wait=false`, cluster);
  return {
    state: 'failed',
    detail:
      `cluster ${cluster.name}: ${what}. Only the cluster tells of this plan, and anybody who may write there may have made it up: ` +
      'it was left alone. Look at the object and at who has written the plan; put back by hand what a drill has left, then ' +
      (isForPerson ? 'have the plan closed' : `take the plans away, with all others that are left there: ${all}`),
    objects: (plan.objects ?? []).map((object) => ({ ...object, state: 'left-behind' })),
    commands: lookCommands(
      cluster,
      unique.map(({ object }) => object),
    ),
    ...(isForPerson ? { keep: [acceptCommand(recover, named)] } : {}),
  };
}

/** Commands that show these objects. */
export const lookCommands = (cluster: Cluster, objects: readonly Named[]): string[] =>
  objects.map((object) => inContext(lookCommand(object), cluster));

function lookCommand({ kind, namespace, name }: Named): string {
  const isPlaced = namespace !== undefined && kind !== 'Namespace';
  const place = isPlaced && namespace !== '' ? ['-n', namespace] : [];
  return shellCommand(['kubectl', ...place, 'get', `${kind.toLowerCase()}/${name}`, '-o', 'yaml']);
}

const nameOf = ({ kind, namespace, name }: Named): string =>
  namespace === undefined || kind === 'Namespace' ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;

const keyOf = ({ kind, namespace, name }: Named): string => JSON.stringify([kind, namespace ?? '', name]);
