import { expect } from 'chai';
import { hasLabels, isLabelKey, isLabelValue, selectorText } from './labels.ts';

describe('labels', () => {
  it('are there when each has its value', () => {
    expect(hasLabels({ app: 'mockb', tier: 'gold' }, { app: 'mockb' })).to.equal(true);
    expect(hasLabels({ app: 'mockb' }, { app: 'mockb', tier: 'gold' })).to.equal(false);
    expect(hasLabels({ app: 'mockb' }, { app: 'mocka' })).to.equal(false);
    expect(hasLabels(undefined, {})).to.equal(true);
    expect(hasLabels(undefined, { app: 'mockb' })).to.equal(false);
  });

  it('are selected by all at once', () => {
    expect(selectorText({ app: 'mockb', tier: 'gold' })).to.equal('app=mockb,tier=gold');
  });

  it('have keys and values as Kubernetes takes them', () => {
    const long = 'a'.repeat(63);
    for (const key of ['app', 'example.com/app', 'A.b_c-9', long]) expect(isLabelKey(key), key).to.equal(true);
    for (const key of ['', '/app', 'a/b/c', '-app', 'app-', `${long}a`, 'Example.com/a', 'a b']) {
      expect(isLabelKey(key), key).to.equal(false);
    }
    for (const value of ['', 'a', 'A.b_c-9', long]) expect(isLabelValue(value), value).to.equal(true);
    for (const value of ['-a', 'a-', 'a/b', `${long}a`, ' ']) expect(isLabelValue(value), value).to.equal(false);
  });
});
