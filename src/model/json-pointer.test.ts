import { expect } from 'chai';
import { hasPlace, pointerSteps, valueAt, withValueAt } from './json-pointer.ts';
import type { Json } from './scenario.ts';

/** The document of RFC 6901, section 5, and what its pointers point at. */
const RFC: Json = {
  foo: ['bar', 'baz'],
  '': 0,
  'a/b': 1,
  'c%d': 2,
  'e^f': 3,
  'g|h': 4,
  'i\\j': 5,
  'k"l': 6,
  ' ': 7,
  'm~n': 8,
};
const POINTS: readonly [string, Json][] = [
  ['', RFC],
  ['/foo', ['bar', 'baz']],
  ['/foo/0', 'bar'],
  ['/', 0],
  ['/a~1b', 1],
  ['/c%d', 2],
  ['/e^f', 3],
  ['/g|h', 4],
  ['/i\\j', 5],
  ['/k"l', 6],
  ['/ ', 7],
  ['/m~0n', 8],
];

const at = (pointer: string, document: Json = RFC) => valueAt(document, pointerSteps(pointer) ?? ['no pointer']);

describe('model/json-pointer', () => {
  it('points as RFC 6901 says', () => {
    for (const [pointer, value] of POINTS) expect(at(pointer), pointer).to.deep.equal(value);
  });

  it('points at nothing where there is nothing, and never at what every object has', () => {
    for (const pointer of ['/foo/2', '/foo/00', '/foo/-', '/foo/bar', '/bar', '/foo/0/x', '/toString', '/foo/length'])
      expect(at(pointer), pointer).to.equal(undefined);
    expect(at('/a', { a: null })).to.equal(null);
  });

  it('is none without a slash, and with a tilde that says nothing', () => {
    for (const pointer of ['foo', '/a~', '/a~2']) expect(pointerSteps(pointer), pointer).to.equal(undefined);
  });

  it('puts a value where a holder is', () => {
    const put = (pointer: string) => withValueAt({ a: [{ b: 1 }], c: 2 }, pointerSteps(pointer) ?? [], 'x');
    expect(put('/a/0/b')).to.deep.equal({ a: [{ b: 'x' }], c: 2 });
    expect(put('/d')).to.deep.equal({ a: [{ b: 1 }], c: 2, d: 'x' });
    expect(put('')).to.equal('x');
    const has = (pointer: string) => hasPlace({ a: [{ b: 1 }], c: 2 }, pointerSteps(pointer) ?? []);
    expect(['', '/d', '/a/0/z', '/a/0'].map(has)).to.deep.equal([true, true, true, true]);
    expect(['/a/1', '/c/d', '/x/y'].map(has)).to.deep.equal([false, false, false]);
  });
});
