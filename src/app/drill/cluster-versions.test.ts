import { expect } from 'chai';
import { versionsOfClusters } from './cluster-versions.ts';

describe('versions of clusters, for records', () => {
  it('are one where all are the same, and each with its cluster where not', () => {
    expect(versionsOfClusters([])).to.equal(undefined);
    expect(
      versionsOfClusters(
        new Map([
          ['tokyo', '1.31.0'],
          ['hangzhou', '1.31.0'],
        ]),
      ),
    ).to.equal('1.31.0');
    expect(
      versionsOfClusters([
        ['tokyo', '1.31.0'],
        ['hangzhou', '1.28.3'],
      ]),
    ).to.equal('tokyo 1.31.0, hangzhou 1.28.3');
  });
});
