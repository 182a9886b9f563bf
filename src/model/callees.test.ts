import { expect } from 'chai';
import fc from 'fast-check';
import { type Callees, callersOf, GATEWAY, missingIn } from './callees.ts';

type Tree = { readonly name: string; readonly calls: readonly Tree[] };

/** A system in which every service has a list of what it calls; nobody calls in a circle, and several may call one. */
const SYSTEM: fc.Arbitrary<Callees> = fc
  .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 6 })
  .map((lists) =>
    Object.fromEntries(
      lists.map((picks, at) => {
        const later = lists.length - 1 - at;
        return [`s${at}`, later === 0 ? [] : picks.map((pick) => `s${at + 1 + (pick % later)}`)];
      }),
    ),
  );

function treeOf(name: string, callees: Callees): Tree {
  return { name, calls: (callees[name] ?? []).map((called) => treeOf(called, callees)) };
}

/** As services print themselves: a caller, and then what each of its calls has printed. */
function printed(tree: Tree, caller = GATEWAY, from = 0): { services: string[]; callers: number[] } {
  const all = { services: [tree.name], callers: [caller] };
  for (const call of tree.calls) {
    const part = printed(call, from, from + all.services.length);
    all.services.push(...part.services);
    all.callers.push(...part.callers);
  }
  return all;
}

/** The same tree in which one call has failed: nothing of it is printed. */
function without(tree: Tree, at: number): Tree {
  let left = at;
  const prune = ({ name, calls }: Tree): Tree => ({
    name,
    calls: calls.flatMap((call) => {
      left -= 1;
      return left === -1 ? [] : [prune(call)];
    }),
  });
  return prune(tree);
}

describe('model/callees', () => {
  it('takes the service before for the caller where nothing else is said', () => {
    expect(callersOf(['a', 'b', 'c'], {})).to.deep.equal([GATEWAY, 0, 1]);
    expect(callersOf([], {})).to.deep.equal([]);
  });

  it('knows who called where one service calls several', () => {
    const callees = { page: ['details', 'reviews'] };
    expect(callersOf(['page', 'details', 'reviews'], callees)).to.deep.equal([GATEWAY, 0, 0]);
    expect(callersOf(['page', 'reviews', 'ratings', 'details'], callees)).to.deep.equal([GATEWAY, 0, 1, 0]);
  });

  it('gives each call to the nearest caller that has it left', () => {
    const callees = { page: ['reviews', 'ratings'], reviews: ['ratings'] };
    expect(callersOf(['page', 'reviews', 'ratings', 'ratings'], callees)).to.deep.equal([GATEWAY, 0, 1, 0]);
    expect(callersOf(['page', 'ratings', 'reviews', 'ratings'], callees)).to.deep.equal([GATEWAY, 0, 0, 2]);
  });

  it('knows no caller where what is printed is not what was said', () => {
    const callees = { page: ['details', 'reviews'] };
    expect(callersOf(['details', 'reviews'], callees)).to.deep.equal([GATEWAY, undefined]);
    expect(callersOf(['page', 'ads', 'details'], callees)).to.deep.equal([GATEWAY, undefined, 0]);
    expect(callersOf(['page', 'details', 'details'], callees)).to.deep.equal([GATEWAY, 0, undefined]);
    expect(callersOf(['constructor', 'details'], callees)).to.deep.equal([GATEWAY, undefined]);
  });

  it('says which call a broken chain lacks, and who made it', () => {
    const wanted = ['page', 'details', 'reviews', 'ratings'];
    const callees = { page: ['details', 'reviews'] };
    expect(missingIn([], wanted, callees)).to.deep.equal({ caller: GATEWAY, service: 'page' });
    expect(missingIn(['page'], wanted, callees)).to.deep.equal({ caller: 0, service: 'details' });
    expect(missingIn(['page', 'details'], wanted, callees)).to.deep.equal({ caller: 0, service: 'reviews' });
    expect(missingIn(['page', 'reviews', 'ratings'], wanted, callees)).to.deep.equal({ caller: 0, service: 'details' });
    expect(missingIn(['page', 'details', 'reviews'], wanted, callees)).to.deep.equal({ caller: 2, service: 'ratings' });
    expect(missingIn(['page', 'ads'], wanted, callees)).to.deep.equal({ caller: 1, service: 'reviews' });
  });

  it('blames the last hop of a plain chain, as before there were trees', () => {
    const wanted = ['a', 'b', 'c'];
    for (const services of [[], ['a'], ['a', 'b'], ['a', 'b', 'c'], ['a', 'c'], ['x', 'y']]) {
      const last = { caller: services.length - 1, service: wanted[services.length] };
      expect(missingIn(services, wanted, {}), services.join()).to.deep.equal(last);
    }
  });

  it('property: whoever calls whom, what is printed tells it', () => {
    fc.assert(
      fc.property(SYSTEM, (callees) => {
        const { services, callers } = printed(treeOf('s0', callees));
        fc.pre(services.length <= 64);
        expect(callersOf(services, callees)).to.deep.equal(callers);
      }),
      { numRuns: 500 },
    );
  });

  it('property: the one call that failed is found', () => {
    fc.assert(
      fc.property(SYSTEM, fc.nat(), (callees, pick) => {
        const tree = treeOf('s0', callees);
        const whole = printed(tree);
        const names = new Set(whole.services);
        fc.pre(whole.services.length > 1 && whole.services.length <= 64 && names.size === whole.services.length);
        const failed = 1 + (pick % (whole.services.length - 1));
        const { services } = printed(without(tree, failed - 1));
        const missing = missingIn(services, whole.services, callees);
        expect(missing.service).to.equal(whole.services[failed]);
        expect(services[missing.caller]).to.equal(whole.services[whole.callers[failed] as number]);
      }),
      { numRuns: 500 },
    );
  });
});
