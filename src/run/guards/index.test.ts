import { expect } from 'chai';
import { FaultlineError } from '../../model/errors.ts';
import { Bench } from '../testing/guard-bench.ts';
import type { GuardCheck } from './guard-check.ts';
import { checkGuards, requireGuards } from './index.ts';

const holds: GuardCheck = { guard: 'a', holds: true, detail: 'holds', hint: 'nothing to do' };
const refuses = (detail: string, hint?: string): GuardCheck => ({
  guard: 'b',
  holds: false,
  detail,
  ...(hint !== undefined && { hint }),
});

/** What a run hears of its guards. */
function refusal(...guards: readonly GuardCheck[]): unknown {
  try {
    return requireGuards({ guards });
  } catch (error) {
    if (!(error instanceof FaultlineError)) throw error;
    return [error.code, error.message, error.hint];
  }
}

describe('what the guards refuse', () => {
  it('ends a run with all of it, and with each thing to do once', () => {
    const guards = [holds, refuses('one', 'do this'), refuses('two', 'do that'), refuses('three', 'do this')];
    expect(refusal(...guards)).to.deep.equal(['FAULT_REFUSED', 'one; two; three', 'do this\n  do that']);
  });

  it('is no run at all where a guard itself fails', async () => {
    const guarded = new Bench().enable('tokyo').guarded();
    const broken = { ...guarded, faults: undefined as unknown as typeof guarded.faults };
    const end = await checkGuards(broken).catch((error: unknown) => error);
    expect(end).to.be.instanceOf(TypeError);
  });

  it('may leave nothing to do', () => {
    expect(refusal(refuses('one'))).to.deep.equal(['FAULT_REFUSED', 'one', undefined]);
  });

  it('is nothing where all of them hold', () => {
    expect(refusal(holds)).to.equal(undefined);
    expect(refusal()).to.equal(undefined);
  });
});
