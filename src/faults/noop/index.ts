import { FaultlineError } from '../../model/errors.ts';
import type { EffectProof, FaultContext, UndoOutcome } from '../../model/fault.ts';
import { KINDS } from '../../model/kubernetes.ts';
import { mapping, text } from '../../schema/builders.ts';
import type { Decoded } from '../../schema/schema.ts';
import { cluster } from '../block.ts';
import { defineFault, type FaultRequest, type PlanDraft, type PlanOf } from '../define.ts';
import { hasFields } from '../has-fields.ts';
import { unproven } from '../poll.ts';

const schema = mapping('Changes nothing: a rehearsal of load, objectives and report.', {
  required: {
    cluster,
    namespace: text('Namespace of the Deployment.'),
    deployment: text('Name of a Deployment that must exist.'),
  },
});

type NoopBlock = Decoded<typeof schema>;

/** A noop's own part of its plan: what must exist, and which one it was. */
type NoopData = { readonly namespace: string; readonly name: string; readonly uid: string };

/** Changes nothing at all. No objective of an outage can pass on it, so a rehearsal is never mistaken for a drill. */
export const noop = defineFault({
  kind: 'noop',
  doc:
    'Changes nothing: it only reads that the named Deployment exists. A run with it rehearses access, load, steady state, ' +
    'the length of the phases and the report, and is never green: by design there was no outage, so everything that ' +
    'rests on one is inconclusive, that of other faults beside it included.',
  row: { does: 'nothing: a rehearsal, never green', undo: 'none needed', deadMan: 'nothing to end' },
  schema,
  example: { cluster: 'tokyo', namespace: 'default', deployment: 'mockb-ap-northeast-1a' },
  permissions: [{ kind: KINDS.deployment, verbs: ['get'], scope: 'namespace' }],
  marks: [],
  move: () => ({ kind: 'nothing' }),
  isData: (data) => hasFields(data, { namespace: 'string', name: 'string', uid: 'string' }),
  plan,
  inject: async () => {},
  prove,
  undo: async ({ objects }): Promise<UndoOutcome> => ({
    state: 'undone',
    detail: 'nothing to put back: nothing was changed',
    objects,
    commands: [],
  }),
});

async function plan({ block }: FaultRequest<NoopBlock>, context: FaultContext): Promise<PlanDraft<NoopData>> {
  const { namespace, deployment: name } = block;
  const uid = await uidOf({ namespace, name }, context);
  if (uid === undefined) {
    const what = `cluster ${context.cluster.name}: Deployment ${namespace}/${name} does not exist`;
    throw new FaultlineError('FAULT_NO_TARGET', what, { hint: `kubectl -n ${namespace} get deployments` });
  }
  return {
    summary: `change nothing; look at Deployment ${namespace}/${name}`,
    signature: 'none',
    affected: [],
    tolls: [],
    namespaces: [namespace],
    cutsOff: [],
    objects: [],
    warnings: ['A rehearsal: there is no outage, so what rests on one is inconclusive, and the run is never green.'],
    deadMan: 'Nothing to end: nothing is changed.',
    data: { namespace, name, uid },
  };
}

async function uidOf({ namespace, name }: Omit<NoopData, 'uid'>, context: FaultContext): Promise<string | undefined> {
  const object = await context.cluster.get({ ...KINDS.deployment, namespace, name });
  return object?.metadata.uid;
}

async function prove({ data }: PlanOf<NoopData>, context: FaultContext): Promise<EffectProof> {
  const where = `Deployment ${data.namespace}/${data.name}`;
  const uid = await uidOf(data, context);
  if (uid !== data.uid) return unproven(`${where} ${uid === undefined ? 'is gone' : 'was created anew'}`);
  return { proven: true, observed: true, detail: `nothing was to happen; ${where} is there as before` };
}
