import { expect } from 'chai';
import type { KubeObject } from './kubernetes.ts';
import { isSelected, type LabelRequirement, meetsAll, parseLabelSelector, serviceSelects } from './label-selector.ts';

const LABELS = { app: 'web', tier: 'front', empty: '', cores: '8', size: 'x8' };

describe('the text form of a label selector', () => {
  const cases: readonly [string, boolean][] = [
    ['', true],
    [' ', true],
    ['app=web', true],
    ['app==web', true],
    ['app = web', true],
    ['app=other', false],
    ['app!=web', false],
    ['app!=other', true],
    ['missing!=x', true],
    ['missing=x', false],
    ['missing=', false],
    ['app in (web,db)', true],
    ['app in(web)', true],
    ['app in (db)', false],
    ['app notin (db, cache)', true],
    ['app notin (web)', false],
    ['missing notin (x)', true],
    ['missing in ()', false],
    ['empty in (,x)', true],
    ['app', true],
    ['!app', false],
    ['!missing', true],
    ['! missing', true],
    ['constructor', false],
    ['in', false],
    ['empty=', true],
    ['cores>7', true],
    ['cores > 8', false],
    ['cores<9', true],
    ['cores<8', false],
    ['size>7', false],
    ['missing<9', false],
    ['app in (web,db),tier=front,!missing', true],
    ['app in (web,db),tier=back', false],
  ];
  for (const [text, matches] of cases) {
    it(`${JSON.stringify(text)} ${matches ? 'selects' : 'leaves out'}`, () => {
      expect(meetsAll(parseLabelSelector(text), LABELS)).to.equal(matches);
    });
  }

  it('is read as requirements', () => {
    expect(parseLabelSelector('a=b,c notin (d, e),!f,example.com/g')).to.deep.equal([
      { key: 'a', operator: 'In', values: ['b'] },
      { key: 'c', operator: 'NotIn', values: ['d', 'e'] },
      { key: 'f', operator: 'DoesNotExist' },
      { key: 'example.com/g', operator: 'Exists' },
    ]);
  });

  it('is refused with the part that is none', () => {
    const wrong = ['a=(b)', 'a in b', '=x', 'a b', 'a=b=c', 'a=b,', ',a', 'a>b', 'a<', 'a=-b', '-a', 'a/b/c=d', '!a=b'];
    for (const text of wrong) expect(() => parseLabelSelector(text), text).to.throw(SyntaxError, 'unable to parse');
    expect(() => parseLabelSelector('a=b, c d')).to.throw('unable to parse requirement: "c d"');
  });
});

describe('a label selector of an object', () => {
  it('selects by all that it says', () => {
    const selector = {
      matchLabels: { app: 'web' },
      matchExpressions: [
        { key: 'tier', operator: 'In', values: ['front'] },
        { key: 'gone', operator: 'DoesNotExist' },
        { key: 'app', operator: 'NotIn', values: ['db'] },
        { key: 'empty', operator: 'Exists' },
      ],
    } as const;
    expect(isSelected(selector, LABELS)).to.equal(true);
    expect(isSelected(selector, { ...LABELS, gone: 'x' })).to.equal(false);
    expect(isSelected(selector, { ...LABELS, tier: 'back' })).to.equal(false);
    expect(isSelected(selector, { app: 'web', tier: 'front' })).to.equal(false);
    expect(isSelected(selector, { ...LABELS, app: 'other' })).to.equal(false);
  });

  it('is of everything when it is empty, of nothing when it is not there', () => {
    for (const empty of [
      {},
      { matchLabels: {}, matchExpressions: [] },
      { matchLabels: null, matchExpressions: null },
    ]) {
      expect(isSelected(empty, LABELS)).to.equal(true);
      expect(isSelected(empty, undefined)).to.equal(true);
    }
    for (const none of [null, undefined]) expect(isSelected(none, LABELS)).to.equal(false);
  });

  it('has objects without the label not in any set', () => {
    const test = (operator: LabelRequirement['operator']) => meetsAll([{ key: 'a', operator, values: ['b'] }], {});
    expect(['NotIn', 'DoesNotExist', 'In', 'Exists', 'Gt', 'Lt'].map((one) => test(one as 'In'))).to.deep.equal([
      ...[true, true, false, false, false, false],
    ]);
  });

  it('compares whole numbers only, however long', () => {
    const isAbove = (value: string, bound: string) =>
      meetsAll([{ key: 'n', operator: 'Gt', values: [bound] }], { n: value });
    expect(isAbove('9007199254740993', '9007199254740992')).to.equal(true);
    expect(isAbove('-1', '-2')).to.equal(true);
    for (const value of ['', '1.5', '0x10', '1e3', 'many']) expect(isAbove(value, '-5'), value).to.equal(false);
  });

  it('is met by nothing where its operator is unknown', () => {
    const unknown = { key: 'a', operator: 'Near' } as unknown as LabelRequirement;
    expect(meetsAll([unknown], { a: 'b' })).to.equal(false);
    expect(meetsAll([unknown], {})).to.equal(false);
  });
});

describe('the selector of a Service', () => {
  const service = (selector?: Record<string, string> | null): KubeObject => ({
    ...{ apiVersion: 'v1', kind: 'Service', metadata: { namespace: 'shop', name: 'web' } },
    spec: selector === undefined ? {} : { selector },
  });
  const pod = { namespace: 'shop', labels: LABELS };

  it('is of pods of its namespace with all its labels', () => {
    expect(serviceSelects(service({ app: 'web', tier: 'front' }), pod)).to.equal(true);
    expect(serviceSelects(service({ app: 'web', tier: 'back' }), pod)).to.equal(false);
    expect(serviceSelects(service({ app: 'web' }), { ...pod, namespace: 'other' })).to.equal(false);
    expect(serviceSelects(service({ app: 'web' }), { namespace: 'shop' })).to.equal(false);
  });

  it('is of no pod where it names no label', () => {
    for (const selector of [undefined, null, {}]) expect(serviceSelects(service(selector), pod)).to.equal(false);
  });
});
