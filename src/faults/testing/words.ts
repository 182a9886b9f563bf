import { expect } from 'chai';
import type { FaultlineError } from '../../model/errors.ts';
import type { EffectProof, FaultKind, FaultPlan, UndoOutcome } from '../../model/fault.ts';
import type { TouchedObject } from '../../model/history.ts';

/** What is written where a value was to stand, or a list has nothing in it. */
const SLIP = /undefined|NaN|\[object|: $|\(\)| {2}/;

/** Codes of errors that ask for something else to be written or done. */
const REFUSALS: readonly string[] = ['FAULT_REFUSED', 'FAULT_NO_TARGET', 'FIELD_VALUE', 'OPEN_RUN'];

function expectText(text: string | undefined, what: string): void {
  expect(text, what).to.match(/^\S/).and.not.match(SLIP);
}

/** What people read before they say yes is whole sentences, and says before and during of whatever is changed. */
export function expectPlanWords({ summary, deadMan, warnings, objects }: FaultPlan): void {
  expectText(summary, 'summary of a plan');
  for (const text of [deadMan, ...warnings]) {
    expectText(text, 'sentence of a plan');
    expect(text, 'sentence of a plan').to.match(/^[A-Z].{20,}\.$/s);
  }
  expectObjectWords(objects);
}

/** An error says what happened; one that refuses says what to do, too. */
export function expectErrorWords({ code, message, hint }: FaultlineError): void {
  expectText(message, 'message of an error');
  if (REFUSALS.includes(code) || hint !== undefined) expectText(hint, `what to do about: ${message}`);
}

function expectObjectWords(objects: readonly TouchedObject[]): void {
  for (const { change, before = 'none', during = 'none', after = 'none' } of objects) {
    for (const text of [change, before, during, after]) expectText(text, `words on ${change}`);
  }
}

function expectOutcomeWords({ state, detail, objects, commands }: UndoOutcome): void {
  expectText(detail, 'detail of an undo');
  for (const command of commands) expectText(command, 'command that finishes an undo by hand');
  if (state === 'conflict') expect(commands, `how to go on by hand: ${detail}`).to.not.deep.equal([]);
  expectObjectWords(objects);
}

function expectProofWords({ detail }: EffectProof): void {
  expectText(detail, 'detail of a proof');
}

/** A kind whose plans, proofs and undos must say what they have to, wherever a check comes by. */
export function spoken(kind: FaultKind): FaultKind {
  return {
    ...kind,
    plan: async (fault, context) => said(await kind.plan(fault, context), expectPlanWords),
    prove: async (plan, context) => said(await kind.prove(plan, context), expectProofWords),
    undo: async (plan, context) => said(await kind.undo(plan, context), expectOutcomeWords),
  };
}

function said<T>(result: T, check: (result: T) => void): T {
  check(result);
  return result;
}
