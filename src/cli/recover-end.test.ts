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

const endOf = (all: Recovered) => recoverEnd(all, { scan: false });
const HELD = { held: ['cluster tokyo: held by a dead-man, and lives'] };

describe('the end of a recovery', () => {
  it('is a refusal only where nothing was done', () => {
    expect(endOf(recovered([], HELD))).to.deep.equal({
      code: 3,
      line: 'Nothing was touched where a run lives: see above.',
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
    expect(endOf(recovered([{}]))).to.deep.equal({ code: 0, line: 'Nothing of faultline is left.' });
  });
});
