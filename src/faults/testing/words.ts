import { expect } from 'chai';
import { FaultlineError } from '../../model/errors.ts';
import type { EffectProof, FaultContext, FaultKind, FaultPlan, UndoOutcome } from '../../model/fault.ts';
import type { TouchedObject } from '../../model/history.ts';
import { KINDS } from '../../model/kubernetes.ts';
import { FakeCluster } from './fake-cluster.ts';

/** What is written where a value was to stand, or a list has nothing in it. */
const SLIP = /undefined|NaN|\[object|: $|: :|\(\)| {2}| [,;:]/;

/** Codes of errors that ask for something else to be written or done. */
const REFUSALS: readonly string[] = ['FAULT_REFUSED', 'FAULT_NO_TARGET', 'FIELD_VALUE', 'OPEN_RUN'];

function expectText(text: string | undefined, what: string): void {
  expect(text, what).to.match(/^\S/).and.not.match(SLIP);
}

/** What people read before they say yes is whole sentences, and says before and during of whatever is changed. */
function expectPlanWords({ summary, deadMan, warnings, objects }: FaultPlan): void {
  expectText(summary, 'summary of a plan');
  for (const text of [deadMan, ...warnings]) {
    expectText(text, 'sentence of a plan');
    expect(text, 'sentence of a plan').to.match(/^[A-Z].{20,}\.$/s);
  }
  expectObjectWords(objects);
}

/** An error says what happened; one that refuses says what to do, too. */
export function expectErrorWords({ code, message, hint }: FaultlineError): void {
  expect(code, 'code of an error').to.match(/^[A-Z][A-Z_]+$/);
  expectText(message, 'message of an error');
  if (REFUSALS.includes(code) || hint !== undefined) expectText(hint, `what to do about: ${message}`);
}

function expectObjectWords(objects: readonly TouchedObject[]): void {
  for (const { change, before = 'none', during = 'none', after = 'none' } of objects) {
    for (const text of [change, before, during, after]) expectText(text, `words on ${change}`);
  }
}

function expectOutcomeWords({ detail, objects, commands }: UndoOutcome): void {
  expectText(detail, 'detail of an undo');
  for (const command of commands) expectText(command, 'command that finishes an undo by hand');
  expectObjectWords(objects);
}

function expectProofWords({ detail }: EffectProof): void {
  expectText(detail, 'detail of a proof');
}

/** Where several are named, each is a word of its own. */
function expectApart(text: string, { cluster }: FaultContext): void {
  if (!(cluster instanceof FakeCluster)) return;
  for (const { metadata } of [...cluster.all(KINDS.pod), ...cluster.all(KINDS.node)]) {
    for (const before of text.split(metadata.name ?? '').slice(0, -1)) {
      expect(before, `what stands before ${metadata.name} in ${text}`).to.match(/(^|[\s("'`/[=:])$/);
    }
  }
}

/** A kind whose plans, proofs, undos and errors must say what they have to, wherever a check comes by. */
export function spoken(kind: FaultKind): FaultKind {
  const said = async <T>(context: FaultContext, step: Promise<T>, check: (result: T) => void): Promise<T> => {
    try {
      const result = await step;
      check(result);
      expectApart(JSON.stringify(result), context);
      return result;
    } catch (error) {
      if (error instanceof FaultlineError) expectApart(`${error.message} (${error.hint})`, context);
      throw error;
    }
  };
  return {
    ...kind,
    plan: (fault, context) => said(context, kind.plan(fault, context), expectPlanWords),
    prove: (plan, context) => said(context, kind.prove(plan, context), expectProofWords),
    undo: (plan, context) => said(context, kind.undo(plan, context), expectOutcomeWords),
  };
}
