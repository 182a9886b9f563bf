import { expect } from 'chai';
import { faultKind } from '../faults/index.ts';
import { sortPlans } from './sound-plans.ts';

const NOOP = { namespace: 'default', name: 'mockb', uid: '1' };
const PLAN = { cluster: 'tokyo', objects: [], namespaces: ['default'], cutsOff: [], affected: [], permissions: [] };
const of = (more: object) => ({ ...PLAN, runId: 'run-1', fault: 'a', kind: 'noop', summary: 's', data: NOOP, ...more });

describe('plans as they were read', () => {
  it('are told by what they still say of themselves where nobody may act on them, and why', () => {
    const { damaged } = sortPlans(
      [of({ objects: null }), of({ kind: 'unheard', runId: 'run-2' }), of({ runId: 7, fault: undefined }), null, 'x'],
      faultKind,
    );
    const [shape, kind, ...nameless] = damaged;
    expect(shape).to.deep.equal({ runId: 'run-1', fault: 'a', why: 'it lacks what every plan has' });
    expect(kind).to.include({ runId: 'run-2', fault: 'a' });
    expect(kind?.why).to.contain('unheard');
    const unknown = { runId: 'unknown', fault: 'unknown', why: 'it lacks what every plan has' };
    expect(nameless).to.deep.equal([unknown, unknown, unknown]);
  });

  it('are sound with data of their kind, and damaged with other data', () => {
    const scale = (data: unknown) => of({ kind: 'scale', data });
    const { sound, damaged } = sortPlans([of({}), scale({ nothing: 'of it' })], faultKind);
    expect(sound.map((plan) => plan.kind)).to.deep.equal(['noop']);
    expect(damaged.map(({ why }) => why)).to.deep.equal(['its data is none of scale']);
  });
});
