import { expect } from 'chai';
import { ApiError } from './errors.ts';
import { parseFieldSelector, parseLabelSelector, parseLabelSelectorObject } from './selectors.ts';

describe('selectors', () => {
  const labels = { app: 'web', tier: 'front', empty: '' };
  const cases: readonly [string, boolean][] = [
    ['', true],
    ['app=web', true],
    ['app==web', true],
    ['app = web', true],
    ['app=other', false],
    ['app!=web', false],
    ['app!=other', true],
    ['missing!=x', true],
    ['missing=x', false],
    ['app in (web,db)', true],
    ['app in (db)', false],
    ['app notin (db, cache)', true],
    ['app notin (web)', false],
    ['missing notin (x)', true],
    ['app', true],
    ['!app', false],
    ['!missing', true],
    ['empty=', true],
    ['app in (web,db),tier=front,!missing', true],
    ['app in (web,db),tier=back', false],
  ];
  for (const [text, matches] of cases) {
    it(`label selector ${JSON.stringify(text)} ${matches ? 'selects' : 'leaves out'}`, () => {
      expect(parseLabelSelector(text)(labels)).to.equal(matches);
    });
  }

  it('refuses what is no selector', () => {
    for (const text of ['a=(b)', 'a in b', '=x', 'a b']) {
      expect(() => parseLabelSelector(text), text).to.throw(ApiError);
    }
  });

  it('reads selector objects', () => {
    const test = parseLabelSelectorObject({
      matchLabels: { app: 'web' },
      matchExpressions: [
        { key: 'tier', operator: 'In', values: ['front'] },
        { key: 'gone', operator: 'DoesNotExist' },
        { key: 'app', operator: 'NotIn', values: ['db'] },
        { key: 'empty', operator: 'Exists' },
      ],
    });
    expect(test(labels)).to.equal(true);
    expect(test({ ...labels, gone: 'x' })).to.equal(false);
    expect(parseLabelSelectorObject({})({})).to.equal(true);
  });

  it('selects by fields of the kind and refuses others', () => {
    const pod = { metadata: { name: 'p', namespace: 'n' }, spec: { nodeName: 'a' }, status: { phase: 'Running' } };
    const selects = (text: string): boolean => parseFieldSelector(text, 'Pod')(pod);
    expect(selects('metadata.name=p,spec.nodeName=a')).to.equal(true);
    expect(selects('status.phase!=Running')).to.equal(false);
    expect(selects('status.phase!=Failed,status.phase!=Succeeded')).to.equal(true);
    expect(selects('spec.nodeName=')).to.equal(false);
    expect(() => parseFieldSelector('spec.image=x', 'Pod')).to.throw(ApiError, 'field label not supported: spec.image');
    const event = { involvedObject: { uid: 'u', kind: 'Pod' } };
    expect(parseFieldSelector('involvedObject.uid=u,involvedObject.kind=Pod', 'Event')(event)).to.equal(true);
  });
});
