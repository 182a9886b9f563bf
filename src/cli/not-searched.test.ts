import { expect } from 'chai';
import { notSearched } from './not-searched.ts';

const lines = (answers: Readonly<Record<string, string>>, namespaces?: readonly string[]) => {
  const unread = { kinds: ['deployment', 'job', 'pod'], answers, namespaces };
  return notSearched({ cluster: 'tokyo', searched: ['shop'], beyond: { leftovers: [], unread } });
};

describe('what a scan has not searched', () => {
  it('is told with what was answered, and as not allowed only where it is not', () => {
    expect(lines({ job: 'GET /jobs: 400 Bad\nRequest' }, ['bank', 'default'])).to.deep.equal([
      'NOT searched in tokyo: bank, default, for deployment, pod: the API does not allow to list them there',
      'NOT searched in tokyo: bank, default, for job: they could not be listed: GET /jobs: 400 Bad\\nRequest',
    ]);
    expect(lines({})).to.deep.equal([
      'NOT searched in tokyo: any namespace beside shop, for deployment, job, pod: the API does not allow to list them there',
    ]);
  });

  it('is told of a cluster that no fault has touched as well', () => {
    const unread = { kinds: ['job', 'node'], answers: {}, namespaces: ['shop', 'the whole cluster'] };
    expect(notSearched({ cluster: 'osaka', searched: ['shop'], unread })).to.deep.equal([
      'NOT searched in osaka: shop, the whole cluster, for job, node: the API does not allow to list them there',
    ]);
  });

  it('is nothing where all was searched, or only what was listed was to be', () => {
    const searched = { cluster: 'tokyo', searched: ['shop'] };
    expect(notSearched(searched)).to.deep.equal([]);
    expect(notSearched({ ...searched, beyond: { leftovers: [], unread: undefined } })).to.deep.equal([]);
  });
});
