import { expect } from 'chai';
import { FaultlineError } from '../../model/errors.ts';
import { Bench } from '../testing/guard-bench.ts';
import type { GuardCheck } from './guard-check.ts';
import { checkGuards, checkTargetGuards, requireGuards } from './index.ts';

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

describe('what the guards say of a target before there is a scenario', () => {
  const said = async (bench: Bench) => {
    const { inputs, topology } = bench.guarded();
    return checkTargetGuards({ ...inputs, topology });
  };

  it('is what they would refuse there, and whether of every fault or of some', async () => {
    const bench = new Bench();
    bench.uids = false;
    const refused = (await said(bench)).filter(({ holds }) => !holds);
    expect([...new Set(refused.map(({ guard, isForSome }) => `${guard} ${isForSome}`))]).to.deep.equal([
      'identity false',
      'opt-in true',
      'dead-man true',
    ]);
    const deadMan = refused.find(({ guard }) => guard === 'dead-man');
    expect(deadMan?.detail).to.contain('the targets file has no spec.deadMan');
    expect(deadMan?.hint).to.contain('Add spec.deadMan to the targets file');
  });

  it('holds where all is stated, with the image of the dead-man', async () => {
    const bench = new Bench().enable('tokyo').enable('osaka');
    bench.deadMan = { image: 'registry.example/faultline:1', serviceAccount: 'reverter' };
    const checks = await said(bench);
    expect(checks.filter(({ holds }) => !holds)).to.deep.equal([]);
    expect(checks.find(({ guard }) => guard === 'dead-man')?.detail).to.equal(
      'its image is registry.example/faultline:1, its service account reverter',
    );
  });
});

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
