import { FaultlineError } from '../model/errors.ts';
import type {
  ByHand,
  EffectProof,
  FaultContext,
  FaultKind,
  FaultPlan,
  Mark,
  Named,
  Permission,
  PermissionRule,
  UndoOutcome,
} from '../model/fault.ts';
import type { FaultMove } from '../model/fault-move.ts';
import { SCAN_COMMAND } from '../model/recover-command.ts';
import type { FaultBlock, Json } from '../model/scenario.ts';
import type { Schema } from '../schema/schema.ts';
import { plannedMark, stampPlan } from './marked-plans.ts';

/** A fault as a kind's `plan` gets it: its block as the kind's own schema has read it. */
export type FaultRequest<Block> = { readonly name: string; readonly block: Block };

/** A plan whose `data` is known to be of the kind. */
export type PlanOf<Data> = Omit<FaultPlan, 'data'> & { readonly data: Data };

/** What a kind has to say in its plan; the rest is the same for all kinds. */
export type PlanDraft<Data> = Omit<PlanOf<Data>, 'kind' | 'fault' | 'runId' | 'cluster' | 'permissions'>;

/** A kind of fault in its own types. See FaultKind for what each part promises. */
export type FaultDefinition<Block, Data> = Pick<
  FaultKind,
  'kind' | 'doc' | 'row' | 'example' | 'permissions' | 'marks' | 'file' | 'starter' | 'isAtGateways' | 'isData'
> & {
  readonly schema: Schema<Block>;
  move(block: Block): FaultMove;
  named?(block: Block): Named;
  plan(fault: FaultRequest<Block>, context: FaultContext): Promise<PlanDraft<Data>>;
  inject(plan: PlanOf<Data>, context: FaultContext): Promise<void>;
  sustain?(plan: PlanOf<Data>, context: FaultContext): Promise<void>;
  prove(plan: PlanOf<Data>, context: FaultContext): Promise<EffectProof>;
  whyEndless?(plan: PlanOf<Data>, context: FaultContext): Promise<string | undefined>;
  undo(plan: PlanOf<Data>, context: FaultContext): Promise<UndoOutcome>;
  /** Only where the fault lies outside of its cluster (`FaultKind.local`). */
  byHand?(plan: PlanOf<Data>, context: Pick<FaultContext, 'outside'>): Promise<ByHand>;
};

/** Makes a kind of fault for the list. Its steps reject with JOURNAL, before any request, when a plan is not one of this kind. */
export function defineFault<Block, Data>(definition: FaultDefinition<Block, Data>): FaultKind {
  const { sustain, whyEndless, move, named, byHand, ...parts } = definition;
  const { kind, permissions, schema, isData } = parts;
  const own = (plan: FaultPlan): PlanOf<Data> => {
    if (plan.kind === kind && isData(plan.data)) return plan as unknown as PlanOf<Data>;
    throw new FaultlineError('JOURNAL', `the plan of fault ${plan.fault} is damaged: it is not one of ${kind}`, {
      hint: `What the run has changed carries its label. What names it, with the commands that undo it: ${SCAN_COMMAND}`,
    });
  };
  return {
    ...parts,
    schema: schema as unknown as Json,
    move: (spec) => move(spec as unknown as Block),
    ...(named === undefined ? {} : { named: (spec: FaultBlock) => named(spec as unknown as Block) }),
    plan: async ({ name, spec }, context) => {
      const { cluster, runId } = context;
      const asked = stampPlan(plannedMark(kind, name, runId), context);
      const draft = await definition.plan({ name, block: spec as unknown as Block }, asked);
      const own = named?.(spec as unknown as Block).permissions ?? [];
      const granted = permissionsIn([...permissions.filter(isFor(spec)), ...own], draft.namespaces);
      const plan = { kind, fault: name, runId, cluster: cluster.name, ...draft, permissions: granted };
      return plan as unknown as FaultPlan;
    },
    inject: async (plan, context) => definition.inject(own(plan), stampPlan(plan, context)),
    ...(sustain === undefined
      ? {}
      : { sustain: async (plan, context) => sustain(own(plan), stampPlan(plan, context)) }),
    prove: async (plan, context) => definition.prove(own(plan), context),
    ...(whyEndless === undefined ? {} : { whyEndless: async (plan, context) => whyEndless(own(plan), context) }),
    undo: async (plan, context) => definition.undo(own(plan), context),
    ...(byHand === undefined ? {} : { local: { byHand: async (plan, context) => byHand(own(plan), context) } }),
  };
}

/** A kind as the fault of one block needs it: without what it asks for and marks with other blocks only. */
export function narrowTo(kind: FaultKind, block: FaultBlock): FaultKind {
  const { permissions, marks } = kind.named?.(block) ?? { permissions: [], marks: [] };
  return {
    ...kind,
    permissions: [...kind.permissions.filter(isFor(block)), ...permissions],
    marks: [...kind.marks.filter(isFor(block)), ...marks],
  };
}

/**
 * A kind as a plan of it may have marked objects: without marks of kinds that the plan asked for nothing of, and with those
 * that only its block has named, which are created.
 */
export function narrowToPlan(kind: FaultKind, plan: FaultPlan): FaultKind {
  const asked = new Set(plan.permissions.map((one) => one.kind));
  const fixed = kind.marks.filter((mark) => mark.with === undefined || asked.has(mark.kind.kind));
  return { ...kind, marks: [...fixed, ...marksNamedIn(kind, plan)] };
}

/** Marks of kinds of objects that only the block of a planned fault has named. */
export function marksNamedIn({ named, marks }: FaultKind, { permissions }: FaultPlan): Mark[] {
  if (named === undefined) return [];
  const isFixed = (kind: string) => marks.some((mark) => mark.kind.kind === kind);
  const created = permissions.filter(({ verb, kind }) => verb === 'create' && !isFixed(kind));
  return created.map(({ apiVersion, kind }) => ({
    kind: { apiVersion, kind },
    resource: kind.toLowerCase(),
    ours: true,
  }));
}

function isFor(block: FaultBlock) {
  const has = (field: string): boolean => block[field] !== undefined;
  return ({ with: field, without }: { readonly with?: string; readonly without?: string }): boolean =>
    (field === undefined || has(field)) && (without === undefined || !has(without));
}

/** What the rules of a kind come to in these namespaces; what is asked of the whole cluster stands once. */
export function permissionsIn(rules: readonly PermissionRule[], namespaces: readonly string[]): Permission[] {
  return rules.flatMap(({ kind, subresource, verbs, undo, scope }) =>
    (scope === 'cluster' ? [''] : namespaces).flatMap((namespace) =>
      verbs.map((verb) => ({
        ...kind,
        ...(subresource === undefined ? {} : { subresource }),
        verb,
        namespace,
        ...(undo?.includes(verb) ? { undo: true as const } : {}),
      })),
    ),
  );
}
