import { expect } from 'chai';
import type { JsonMap } from '../json.ts';
import { resourceOf } from '../resources.ts';
import { mergeRules } from './schema.ts';
import { strategicMerge } from './strategic.ts';

describe('strategic merge patch', () => {
  const deployment = mergeRules(resourceOf({ apiVersion: 'apps/v1', kind: 'Deployment' }));
  const patchPod = (live: JsonMap, patch: JsonMap): unknown => {
    const wrap = (spec: JsonMap): JsonMap => ({ spec: { template: { spec } } });
    const result = strategicMerge(wrap(live), wrap(patch), deployment);
    return (result.spec as { template: { spec: JsonMap } }).template.spec;
  };
  const two = {
    containers: [
      { name: 'a', image: 'a:1', env: [{ name: 'X', value: '1' }] },
      { name: 'b', image: 'b:1' },
    ],
  };

  it('merges containers and their environment by name', () => {
    const patch = { containers: [{ name: 'a', env: [{ name: 'Y', value: '2' }] }] };
    expect(patchPod(two, patch)).to.deep.equal({
      containers: [
        {
          name: 'a',
          image: 'a:1',
          env: [
            { name: 'X', value: '1' },
            { name: 'Y', value: '2' },
          ],
        },
        { name: 'b', image: 'b:1' },
      ],
    });
  });

  it('deletes items and fields', () => {
    expect(patchPod(two, { containers: [{ name: 'a', $patch: 'delete' }] })).to.deep.equal({
      containers: [{ name: 'b', image: 'b:1' }],
    });
    expect(patchPod(two, { containers: [{ name: 'b', image: null }] })).to.deep.nested.include({
      'containers[1]': { name: 'b' },
    });
  });

  it('replaces lists and maps on demand', () => {
    expect(patchPod(two, { containers: [{ name: 'c' }, { $patch: 'replace' }] })).to.deep.equal({
      containers: [{ name: 'c' }],
    });
    expect(patchPod({ nodeSelector: { a: '1' } }, { nodeSelector: { $patch: 'replace', b: '2' } })).to.deep.equal({
      nodeSelector: { b: '2' },
    });
  });

  it('orders items as the patch wants, and leaves unnamed ones in place', () => {
    const live = { containers: [{ name: 'a' }, { name: 'server' }, { name: 'b' }] };
    const patch = {
      '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }, { name: 'new' }],
      containers: [{ name: 'new' }],
    };
    const { containers } = patchPod(live, patch) as { containers: { name: string }[] };
    expect(containers.map((one) => one.name)).to.deep.equal(['server', 'b', 'a', 'new']);
  });

  it('keeps only the named keys with $retainKeys', () => {
    const live = { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } };
    const patch = { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } };
    expect(strategicMerge(live, patch, deployment)).to.deep.equal({ spec: { strategy: { type: 'Recreate' } } });
  });

  it('adds to and removes from lists of scalars', () => {
    const live = { metadata: { finalizers: ['a', 'b'] } };
    expect(strategicMerge(live, { metadata: { finalizers: ['c'] } }, deployment)).to.deep.equal({
      metadata: { finalizers: ['a', 'b', 'c'] },
    });
    const removal = {
      metadata: { '$deleteFromPrimitiveList/finalizers': ['a'], '$setElementOrder/finalizers': ['b'] },
    };
    expect(strategicMerge(live, removal, deployment)).to.deep.equal({ metadata: { finalizers: ['b'] } });
  });

  it('replaces lists that have no key', () => {
    const live = { containers: [{ name: 'a', command: ['sleep', '1'] }] };
    const patch = { containers: [{ name: 'a', command: ['true'] }] };
    expect(patchPod(live, patch)).to.deep.equal({ containers: [{ name: 'a', command: ['true'] }] });
  });

  it('refuses items without their key', () => {
    expect(() => patchPod(two, { containers: [{ image: 'x' }] })).to.throw('does not contain declared merge key: name');
  });

  it('leaves the live object alone', () => {
    const before = structuredClone(two);
    patchPod(two, { containers: [{ name: 'a', image: 'z' }] });
    expect(two).to.deep.equal(before);
  });
});
