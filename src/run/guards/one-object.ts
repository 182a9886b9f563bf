import type { Mark } from '../../model/fault.ts';
import type { TouchedObject } from '../../model/history.ts';
import { KINDS } from '../../model/kubernetes.ts';
import type { PlannedFault } from '../planned-run.ts';
import type { Guard, Ruling } from './guard.ts';

/**
 * An object has room for the mark of one fault, with what to put back: of two that change one object the second could not be told
 * from somebody else's change, and nobody could undo both from the object alone.
 */
export const oneObject: Guard = {
  name: 'one object',
  isLive: true,
  check: async ({ faults }) =>
    faults.flatMap((fault, index) => faults.slice(index + 1).flatMap((other) => meeting(fault, other))),
};

function meeting(one: PlannedFault, other: PlannedFault): Ruling[] {
  if (one.plan.cluster !== other.plan.cluster) return [];
  const marked = markedIn(other).map(textOf);
  const shared = markedIn(one)
    .map(textOf)
    .filter((text) => marked.includes(text));
  const [first] = shared;
  if (first === undefined) return [];
  const more = shared.length === 1 ? '' : ` and ${shared.length - 1} more`;
  const detail = `faults ${one.plan.fault} and ${other.plan.fault} would both change ${first}${more} (cluster ${one.plan.cluster})`;
  return [
    { refused: true, detail, hint: 'Give each object one fault, or make two scenarios of them: run a.yaml b.yaml.' },
  ];
}

/** Objects that carry the label or annotations of a fault. Containers that faults put into a pod stand beside each other. */
function markedIn({ kind, plan }: PlannedFault): readonly TouchedObject[] {
  const isBeside = (mark: Mark): boolean => mark.kind.kind === KINDS.pod.kind && mark.inside !== undefined;
  const marked = new Set(kind.marks.filter((mark) => !isBeside(mark)).map((mark) => mark.kind.kind));
  return plan.objects.filter((object) => marked.has(object.kind));
}

const textOf = ({ kind, namespace, name }: TouchedObject): string =>
  `${kind} ${namespace === '' ? name : `${namespace}/${name}`}`;
