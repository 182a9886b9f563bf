import { expect } from 'chai';
import { ApiError } from './errors.ts';
import { parseFieldSelector } from './field-selector.ts';

describe('field selectors', () => {
  it('select by fields of the kind and refuse others', () => {
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
