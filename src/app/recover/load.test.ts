import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { jsonText } from '../../model/visible.ts';
import { runFolder, writeWhole } from '../../store/run-folder.ts';
import { recoverNoted } from './load.ts';
import { NOTHING } from './recovered.ts';

describe('recover of the load that a run has noted', () => {
  let out: string;
  beforeEach(() => {
    out = mkdtempSync(join(tmpdir(), 'faultline-load-'));
  });
  afterEach(() => rmSync(out, { recursive: true, force: true }));

  it('is over where its cluster is gone for good, as a person says, and no other one', async () => {
    const kubeconfig = join(out, 'nowhere');
    const where = { kubeconfig, context: 'tokyo', namespace: 'n', pods: 1, image: 'i' };
    writeWhole(join(out, 'load-cluster.json'), jsonText({ where, runId: 'r' }));
    const gone = { runId: 'r', cluster: 'tokyo', kubeconfig, context: 'tokyo' };
    for (const others of [[], [{ ...gone, context: 'osaka' }], [{ ...gone, kubeconfig: 'k' }]]) {
      const refused = await recoverNoted(runFolder(out), others).catch((error) => error);
      expect(refused).to.have.property('code', 'FILE_UNREADABLE');
    }
    const load = ['load (tokyo): gone with its cluster, as was accepted'];
    expect(await recoverNoted(runFolder(out), [gone])).to.deep.equal({ ...NOTHING, load });
    expect(await recoverNoted(runFolder(out), []), 'once').to.deep.equal(NOTHING);
  });
});
