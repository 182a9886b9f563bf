import { expect } from 'chai';
import { NOTHING, type Recovered } from '../app/recover/recovered.ts';
import type { UndoOutcome } from '../model/fault.ts';
import type { TouchedObject } from '../model/history.ts';
import { recoverEnd } from './recover-end.ts';

const OBJECT: TouchedObject = {
  ...{ cluster: 'tokyo', kind: 'Deployment', namespace: 'default', name: 'mockb' },
  ...{ change: 'image', state: 'put-back' },
};

/** A cluster in which these outcomes were come to. */
function recovered(outcomes: readonly Partial<UndoOutcome>[], more: Partial<Recovered> = {}): Recovered {
  const undone = outcomes.map((outcome) => {
    const whole: UndoOutcome = { state: 'undone', detail: '', objects: [OBJECT], commands: [], ...outcome };
    return { runId: 'r', fault: 'swap', outcome: whole };
  });
  const recovery = { cluster: 'tokyo', undone, searched: ['default'], leftovers: [], problems: [] };
  return { ...NOTHING, recoveries: [recovery], ...more };
}

const endOf = (all: Recovered) => recoverEnd(all, {}, []);
const HELD = { held: ['cluster tokyo: held by a dead-man, and lives'] };

describe('the end of a recovery', () => {
  it('is a refusal only where nothing was done', () => {
    expect(endOf(recovered([], HELD))).to.deep.equal({
      code: 3,
      line: 'Nothing was touched where somebody is at work: see above.',
      clean: false,
    });
    const elsewhere = recovered([{ objects: [] }], HELD);
    expect(endOf(elsewhere).code, 'what its run has put back itself').to.equal(3);
  });

  it('says that something was undone where somebody holds a cluster besides, and that this is not all', () => {
    for (const all of [recovered([{}], HELD), recovered([], { ...HELD, load: ['the load of run r was ended'] })]) {
      const { code, line } = endOf(all);
      expect(code).to.equal(5);
      expect(line).to.contain('what is told above was undone').and.not.contain('Nothing was touched');
    }
  });

  it('is 5 where something is left, whoever holds what, and 0 where nothing is', () => {
    expect(endOf(recovered([{ state: 'failed' }], HELD))).to.deep.equal(endOf(recovered([], { problems: ['no'] })));
    expect(endOf(recovered([{ state: 'failed' }])).code).to.equal(5);
    const { code, line } = endOf(recovered([{}], { runs: ['r'] }));
    expect([code, line]).to.deep.equal([0, 'Nothing of run r is left in the namespace default of tokyo.']);
  });

  it('is 2 where nothing is left, and nothing has a name that was to be accepted', () => {
    const end = (all: Recovered, nameless: string[]) => {
      const { code, clean } = recoverEnd(all, {}, nameless);
      return [code, clean];
    };
    expect(end(recovered([{}]), ['garbage'])).to.deep.equal([2, true]);
    expect(end(recovered([{}]), [])).to.deep.equal([0, true]);
    expect(end(recovered([{ state: 'conflict' }]), ['garbage'])).to.deep.equal([5, false]);
    expect(end(recovered([], HELD), ['garbage'])).to.deep.equal([3, false]);
  });

  it('names the runs and the places that it holds for, and no others', () => {
    const [one] = recovered([{}]).recoveries;
    if (one === undefined) throw new Error('there is one');
    const inBoth = [one, { ...one, cluster: 'hangzhou' }, { ...one, cluster: 'osaka', searched: ['a', 'b'] }];
    const lineOf = (more: Partial<Recovered>, asked = {}) => {
      const { code, line } = recoverEnd({ ...NOTHING, ...more }, asked, []);
      expect(code, line).to.equal(0);
      return line;
    };
    expect(lineOf({ recoveries: inBoth, runs: ['r', 's'] })).to.equal(
      'Nothing of runs r, s is left in the namespace default of tokyo, hangzhou and the namespaces a, b of osaka.',
    );
    const unread = { kinds: ['envoyfilter'], answers: {}, namespaces: ['default'] };
    const unseen = { ...one, cluster: 'hangzhou', unread };
    expect(lineOf({ recoveries: [one, unseen], runs: ['r'] }), 'not where nobody could look').to.equal(
      'Nothing of run r is known to be left in the namespace default of tokyo.',
    );
    expect(lineOf({ recoveries: [unseen], runs: ['r'] })).to.equal(
      'Nothing of run r is known to be left, and no cluster could be looked through as a whole.',
    );
    const away = { runs: ['r'], notAsked: ['cluster tokyo: it does not answer'] };
    expect(lineOf({ ...away, recoveries: [one] })).to.contain('is known to be left in');
    expect(lineOf(away)).to.equal('Nothing of run r is known to be left, and no cluster has answered.');
    const ended = 'it was a sandbox that has ended, and its faults with it.';
    expect(lineOf({ ended: ['s'] })).to.equal(`Of run s no cluster was asked: ${ended}`);
    expect(lineOf({ recoveries: [one], runs: ['r'], ended: ['s'] })).to.equal(
      `Nothing of run r is left in the namespace default of tokyo. Of run s no cluster was asked: ${ended}`,
    );
    const gone = [{ runId: 'r', cluster: 'osaka', kubeconfig: 'k', context: 'o' }];
    const ofOsaka =
      'Of run r cluster osaka was not asked: it is gone for good, as you have said, and what was on in it.';
    expect(lineOf({ gone, recoveries: [{ ...one, cluster: 'osaka', searched: [] }] })).to.equal(ofOsaka);
    expect(lineOf({ gone, recoveries: [one, { ...one, cluster: 'osaka', searched: [] }], runs: ['r'] })).to.equal(
      `Nothing of run r is known to be left in the namespace default of tokyo. ${ofOsaka}`,
    );
    const wide = { ...one, cluster: 'osaka', beyond: { leftovers: [], unread: undefined } };
    const everywhere = 'Nothing of faultline is left in any namespace of the clusters of t.yaml.';
    expect(lineOf({ recoveries: [wide] }, { target: 't.yaml' })).to.equal(everywhere);
    expect(lineOf({ recoveries: [wide, one], runs: ['r'] }, { target: 't.yaml' })).to.equal(
      `${everywhere} Nothing of run r is left in the namespace default of tokyo.`,
    );
  });

  it('is 5 where another run has left something in a cluster that was asked', () => {
    const others = [{ cluster: 'tokyo', runId: 's', objects: ['pod/o'], command: 'faultline recover --scan' }];
    expect(endOf(recovered([{}], { runs: ['r'], others })).code).to.equal(5);
  });
});
