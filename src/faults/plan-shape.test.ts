import { expect } from 'chai';
import { isMarkedPlan, isPlan } from './plan-shape.ts';

const MARKED = {
  kind: 'scale',
  fault: 'a',
  runId: 'r',
  objects: [{ kind: 'Deployment', namespace: 'shop', name: 'mockb' }],
};
const PLAN = {
  ...MARKED,
  cluster: 'tokyo',
  namespaces: ['shop'],
  permissions: [{ apiVersion: 'apps/v1', kind: 'Deployment', verb: 'patch', namespace: 'shop' }],
};

type Fields = Readonly<Record<string, unknown>>;

/** A value with each of its fields left out, and with each that is of another type, also of what it lists. */
function wrongOnes(value: Fields): Fields[] {
  return Object.entries(value).flatMap(([name, own]) => {
    const { [name]: _, ...rest } = value;
    const listed: unknown = Array.isArray(own) ? own[0] : undefined;
    const inside = typeof listed === 'object' ? wrongOnes(listed as Fields) : [7];
    return [
      rest,
      { ...value, [name]: 7 },
      ...(listed === undefined ? [] : inside.map((one) => ({ ...value, [name]: [one] }))),
    ];
  });
}

describe('the shape of a plan', () => {
  it('is that of all that an undo goes by', () => {
    expect([isMarkedPlan(MARKED), isPlan(MARKED), isPlan(PLAN)]).to.deep.equal([true, false, true]);
    expect(isPlan({ ...PLAN, namespaces: [], permissions: [], objects: [] })).to.equal(true);
    for (const value of [null, undefined, 'x', 7, []])
      expect([isMarkedPlan(value), isPlan(value)]).to.deep.equal([false, false]);
    for (const wrong of wrongOnes(MARKED)) expect(isMarkedPlan(wrong), JSON.stringify(wrong)).to.equal(false);
    const all = wrongOnes(PLAN);
    expect(all).to.have.length(29);
    for (const wrong of all) expect(isPlan(wrong), JSON.stringify(wrong)).to.equal(false);
  });
});
