import { expect } from 'chai';
import fc from 'fast-check';
import { applyPatch } from 'rfc6902';
import {
  FENCE_LABEL,
  KINDS,
  type KubeObject,
  PLAN_ANNOTATION,
  RUN_LABEL,
  UNDO_ANNOTATION,
} from '../model/kubernetes.ts';
import type { Json } from '../model/scenario.ts';
import {
  hasFaultOf,
  isMarkedBy,
  markedBy,
  markOps,
  otherMark,
  planOn,
  pointerStep,
  sameJson,
  setOps,
  unchangedOps,
  unmarkOps,
} from './marks.ts';

function pod(metadata: KubeObject['metadata']): KubeObject {
  return { ...KINDS.pod, metadata };
}

/** The object after a patch; throws where an operation fails. */
function patched<T>(object: T, ops: readonly object[]): T {
  const next = structuredClone(object);
  for (const error of applyPatch(next, structuredClone([...ops]) as never)) if (error !== null) throw error;
  return next;
}

const failing = (object: unknown, ops: readonly object[]) => expect(() => patched(object, ops)).to.throw();

describe('marks', () => {
  it('are put on whatever is there already, and taken off again', () => {
    for (const metadata of [{}, { labels: { a: 'b' } }, { annotations: { c: 'd' } }, { labels: {}, annotations: {} }]) {
      const on = patched(pod(metadata), markOps(pod(metadata), 'run', { x: 1 }));
      expect(on.metadata.labels).to.deep.equal({ ...metadata.labels, [RUN_LABEL]: 'run' });
      expect(on.metadata.annotations).to.deep.equal({ ...metadata.annotations, [UNDO_ANNOTATION]: '{"x":1}' });
      expect([markedBy(on), markedBy(pod(metadata))]).to.deep.equal(['run', undefined]);
      const off = patched(on, unmarkOps(on, 'run'));
      expect([off.metadata.labels ?? {}, off.metadata.annotations ?? {}]).to.deep.equal([
        metadata.labels ?? {},
        metadata.annotations ?? {},
      ]);
    }
  });

  it('are not taken off for another run, and fail where another run has put its own in the meantime', () => {
    const ours = pod({ labels: { [RUN_LABEL]: 'run' } });
    expect(unmarkOps(ours, 'other')).to.deep.equal([]);
    expect(unmarkOps(pod({}), 'run')).to.deep.equal([]);
    expect(patched(ours, unmarkOps(ours, 'run')).metadata.labels).to.deep.equal({});
    failing(pod({ labels: { [RUN_LABEL]: 'other' } }), unmarkOps(ours, 'run'));
  });

  it('are those of the run that the label names, whatever plan a rollback has brought back', () => {
    const [old, newer] = ['20261122t090000z-aaaa', '20261123t090000z-bbbb'];
    const plan = (runId: string) => ({ [PLAN_ANNOTATION]: JSON.stringify({ runId }), [UNDO_ANNOTATION]: '{}' });
    const theirs = pod({ labels: { [RUN_LABEL]: newer }, annotations: plan(old) });
    expect([markedBy(theirs), planOn(theirs), otherMark(theirs, old)]).to.deep.equal([newer, old, newer]);
    expect(isMarkedBy(theirs, old)).to.equal(false);
    const without = patched(theirs, unmarkOps(theirs, old));
    expect(without.metadata).to.deep.equal({ labels: { [RUN_LABEL]: newer }, annotations: {} });
    expect(unmarkOps(without, old)).to.deep.equal([]);
    expect(patched(theirs, unmarkOps(theirs, newer)).metadata).to.deep.equal({ labels: {}, annotations: {} });
    const both = pod({ labels: { [RUN_LABEL]: newer }, annotations: plan(newer) });
    expect(unmarkOps(both, old)).to.deep.equal([]);
    const fenced = pod({ labels: { [RUN_LABEL]: newer, [FENCE_LABEL]: old }, annotations: plan(newer) });
    expect(patched(fenced, unmarkOps(fenced, old))).to.deep.equal(both);
    // What names no run is a label that somebody has changed.
    const changed = pod({ labels: { [RUN_LABEL]: 'mine' }, annotations: plan(old) });
    expect([markedBy(changed), otherMark(changed, old)]).to.deep.equal([old, undefined]);
    expect(patched(changed, unmarkOps(changed, old)).metadata).to.deep.equal({ labels: {}, annotations: {} });
  });

  it('tell of the fence that an undo has left, which is no fault and goes with the other marks', () => {
    const fenced = pod({ labels: { a: 'b', [FENCE_LABEL]: 'run' } });
    expect([hasFaultOf(fenced, 'run'), markedBy(fenced)]).to.deep.equal([false, 'run']);
    expect(patched(fenced, unmarkOps(fenced, 'run')).metadata.labels).to.deep.equal({ a: 'b' });
    expect(unmarkOps(fenced, 'other')).to.deep.equal([]);
    const both = pod({ labels: { [RUN_LABEL]: 'run', [FENCE_LABEL]: 'other' } });
    expect(patched(both, unmarkOps(both, 'run')).metadata.labels).to.deep.equal({ [FENCE_LABEL]: 'other' });
  });

  it('come with a test that nobody has written the object since', () => {
    const read = pod({ uid: 'u', resourceVersion: '7' });
    expect(patched(read, unchangedOps(read))).to.deep.equal(read);
    failing(pod({ uid: 'u', resourceVersion: '8' }), unchangedOps(read));
    failing(pod({ uid: 'v', resourceVersion: '7' }), unchangedOps(read));
    failing(pod({ uid: 'u', resourceVersion: '7' }), unchangedOps(pod({})));
  });
});

describe('a field that is set', () => {
  // The library that applies the patch here loses a key of this name.
  const json = (fc.jsonValue() as fc.Arbitrary<Json>).filter((one) => !JSON.stringify(one).includes('"__proto__"'));
  const value = fc.option(json, { nil: undefined });
  const holding = (field: Json | undefined) => (field === undefined ? {} : { field });

  it('property: becomes what is wanted from what was expected, and nothing else', () => {
    fc.assert(
      fc.property(value, value, (from, to) => {
        expect(patched(holding(from), setOps('/field', from, to))).to.deep.equal(holding(to));
      }),
    );
  });

  it('is not touched where it holds something else, or is gone', () => {
    failing({ field: 'theirs' }, setOps('/field', 'ours', 'before'));
    failing({ field: 'theirs' }, setOps('/field', 'ours', undefined));
    failing({}, setOps('/field', 'ours', 'before'));
    expect(setOps('/field', undefined, undefined)).to.deep.equal([]);
  });
});

describe('JSON', () => {
  it('property: is the same whatever the order of the keys', () => {
    const reversed = (json: Json): Json => {
      if (Array.isArray(json)) return json.map(reversed);
      if (json === null || typeof json !== 'object') return json;
      const entries = Object.entries(json).reverse();
      return Object.fromEntries(entries.map(([key, part]) => [key, reversed(part)]));
    };
    fc.assert(fc.property(fc.jsonValue(), (json) => sameJson(json as Json, reversed(json as Json))));
  });

  it('is another one when anything differs, absent from null included', () => {
    const different: readonly (readonly [Json | undefined, Json | undefined])[] = [
      [{ a: 1 }, { a: 2 }],
      [{ a: 1 }, { b: 1 }],
      [{ a: 1 }, {}],
      [
        [1, 2],
        [2, 1],
      ],
      [[1], 1],
      ['1', 1],
      [null, undefined],
      [undefined, {}],
      [null, 'null'],
      [{ a: [] }, { a: {} }],
    ];
    for (const [a, b] of different) expect([sameJson(a, b), sameJson(b, a)]).to.deep.equal([false, false]);
    expect([sameJson(undefined, undefined), sameJson(null, null)]).to.deep.equal([true, true]);
  });

  it('has pointers whose steps are escaped, the tilde first', () => {
    expect(pointerStep('a/b~c/~1')).to.equal('a~1b~0c~1~01');
  });
});
