import { FaultlineError, messageOf } from '../model/errors.ts';
import { pointerSteps, valueAt } from '../model/json-pointer.ts';
import { ENABLED_LABEL, type JsonPatchOp, type KubeObject, type ObjectRef } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import type { Json } from '../model/scenario.ts';
import { alteredCluster } from './altered-cluster.ts';
import { EPHEMERAL_PATH } from './ephemeral.ts';
import { sameObjectOp, setOps } from './marks.ts';

/** What the names of our labels and annotations begin with. */
const OURS = 'faultline.dev/';
/** What the names of the variables begin with by which a container in a pod tells of its fault. */
const VARIABLES = 'FAULTLINE_';

/** A mark that a write leaves on an object, in words, and whether the object has it as it was sent. */
type HeldMark = { readonly text: string; readonly isOn: (object: KubeObject) => boolean };

/** What was written stands without a mark that was sent with it: whoever recovers the fault elsewhere would not know it. */
export class MarksLost extends FaultlineError {
  /** The object as the API has answered the write. */
  readonly answer: KubeObject;
  /** All that was sent. */
  readonly ops: readonly JsonPatchOp[];

  constructor(message: string, answer: KubeObject, ops: readonly JsonPatchOp[] = []) {
    super('FAULT_REFUSED', message, { hint: HINT });
    this.answer = answer;
    this.ops = ops;
  }

  /** The same, with what has become of what was written. */
  and(then: string): FaultlineError {
    return new FaultlineError('FAULT_REFUSED', `${this.message}; ${then}`, {
      hint: HINT,
    });
  }
}

const HINT = `What changes new objects or writes there (a webhook, a policy) has to leave what faultline marks by as it is (labels and annotations of ${OURS}, variables ${VARIABLES}*, its plans): kubectl get mutatingwebhookconfigurations`;

/**
 * A cluster that holds what it answers to each write against the marks that were sent with it, also of a dry run. Rejects with MarksLost
 * where one is missing or is another: of what was patched nothing is put back yet, what was created is deleted, and that is said.
 * `besides`: what of an object that is created is held as a mark is.
 */
export function holdMarks(cluster: Cluster, besides: readonly HeldMark[] = []): Cluster {
  return alteredCluster(cluster, {
    create: async (object, options) => {
      const answer = await cluster.create(object, options);
      const lost = lostText(cluster, answer, [...marksOf(object), ...besides]);
      if (lost === undefined) return answer;
      const error = new MarksLost(lost, answer);
      if (options?.dryRun === true) throw error;
      throw error.and(await deleted(cluster, answer));
    },
    patch: async (ref, ops, options) => {
      const answer = await cluster.patch(ref, ops, options);
      const lost = lostText(cluster, answer, marksIn(ops));
      if (lost !== undefined) throw new MarksLost(lost, answer, ops);
      return answer;
    },
  });
}

/** Puts an object back at once that a patch has left without its marks: `before` is what that patch had found. */
export async function backAtOnce(
  cluster: Cluster,
  ref: ObjectRef & { readonly subresource?: string },
  before: KubeObject,
  lost: MarksLost,
): Promise<FaultlineError> {
  if (ref.subresource !== undefined) return lost.and('what was put into it stays there, and does nothing');
  const { answer, ops } = lost;
  const paths = ops.flatMap(({ op, path }) => (op === 'test' ? [] : [path]));
  const outer = new Set(paths.filter((path) => !paths.some((other) => path.startsWith(`${other}/`))));
  const back = [...outer].flatMap((path) => setOps(path, at(answer, path), at(before, path)));
  // What names an item of a list: admission may have put others before it.
  const names = ops.filter(({ op, path }) => op === 'test' && path.endsWith('/name'));
  return cluster.patch(ref, [sameObjectOp(answer), ...names, ...back]).then(
    () => lost.and('it was put back at once'),
    (error) => lost.and(`it could not be put back at once: ${messageOf(error)}`),
  );
}

async function deleted(cluster: Cluster, { apiVersion, kind, metadata }: KubeObject): Promise<string> {
  const { namespace, name = '', uid } = metadata;
  const ref = { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
  return cluster.delete(ref, uid === undefined ? {} : { uid }).then(
    () => 'it was deleted at once',
    (error) => `it could not be deleted at once: ${messageOf(error)}`,
  );
}

function lostText({ name }: Cluster, answer: KubeObject, marks: readonly HeldMark[]): string | undefined {
  const lost = marks.filter(({ isOn }) => !isOn(answer));
  if (lost.length === 0) return undefined;
  const { kind, metadata } = answer;
  const what = `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
  const which = lost.map(({ text }) => text).join(', ');
  return `cluster ${name}: ${what}: admission of the cluster takes away or changes ${which}, by which the fault would be found and undone if this run died`;
}

/** The marks that an object is created with. */
function marksOf({ metadata: { labels, annotations } }: KubeObject): HeldMark[] {
  return [
    ...named(labels).map(([name, value]) => ({
      text: `the label ${name}`,
      isOn: ({ metadata }: KubeObject) => metadata.labels?.[name] === value,
    })),
    ...named(annotations).map(([name, value]) => ({
      text: `the annotation ${name}`,
      isOn: ({ metadata }: KubeObject) => metadata.annotations?.[name] === value,
    })),
  ];
}

function named(map: Readonly<Record<string, string>> = {}): [string, string][] {
  return Object.entries(map).filter(([name]) => name.startsWith(OURS) && name !== ENABLED_LABEL);
}

/** The marks that a patch writes, on the object, in its template, or as variables of a container that is put into a pod. */
function marksIn(ops: readonly JsonPatchOp[]): HeldMark[] {
  return ops.flatMap((one): HeldMark[] => {
    if (one.op !== 'add' && one.op !== 'replace') return [];
    if (one.path === `${EPHEMERAL_PATH}/-`) return variablesIn(one.value);
    const steps = pointerSteps(one.path) ?? [];
    const name = steps.at(-1) ?? '';
    if (!name.startsWith(OURS)) return [];
    const sort = steps.at(-2) === 'labels' ? 'label' : 'annotation';
    const where = steps[0] === 'metadata' ? '' : ' of its template';
    return [{ text: `the ${sort} ${name}${where}`, isOn: (object) => at(object, one.path) === one.value }];
  });
}

type Entry = {
  readonly name: string;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
};

function variablesIn(container: Json): HeldMark[] {
  const { name, env = [] } = container as unknown as Entry;
  const inside = ({ spec }: KubeObject): Entry['env'] => {
    const { ephemeralContainers = [] } = (spec ?? {}) as { readonly ephemeralContainers?: readonly Entry[] };
    return ephemeralContainers.find((entry) => entry.name === name)?.env;
  };
  return env
    .filter((variable) => variable.name.startsWith(VARIABLES))
    .map((variable) => ({
      text: `the variable ${variable.name} of container ${name}`,
      isOn: (object) => inside(object)?.find((one) => one.name === variable.name)?.value === variable.value,
    }));
}

function at(object: KubeObject, path: string): Json | undefined {
  return valueAt(object as unknown as Json, pointerSteps(path) ?? []);
}
