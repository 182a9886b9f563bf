import { expect } from 'chai';
import { metKind } from './practice.ts';
import type { Topology } from './target.ts';

const topology = (...versions: string[]): Topology => ({
  clusters: versions.map((version, index) => ({
    ...{ name: `c${index}`, region: 'r', zones: [], version },
    ...{ uid: `u${index}`, server: 'https://127.0.0.1' },
  })),
  paths: [],
});

describe('what kind of target a run has met', () => {
  it('is what all of its clusters say, and real clusters where they do not say the same', () => {
    const [sandbox, lab, real] = ['v1.35.0+faultline-sandbox', 'v1.36.3+faultline-lab', 'v1.36.3'];
    expect(metKind(topology(sandbox, sandbox))).to.equal('sandbox');
    expect(metKind(topology(lab, lab))).to.equal('lab');
    for (const mixed of [[sandbox, lab], [lab, real], [real]]) {
      expect(metKind(topology(...mixed)), mixed.join()).to.equal('clusters');
    }
  });
});
