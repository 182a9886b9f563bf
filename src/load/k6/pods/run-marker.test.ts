import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readNote, removeNote, writeNote } from './run-marker.ts';

describe('load/k6/operator/note: where the load of a run is', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-note-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('lies beside the records, for its owner alone, until it is removed', async () => {
    const where = { kubeconfig: '/k', context: 'c', namespace: 'n', pods: 2, image: 'i' };
    expect(await readNote(folder)).to.equal(undefined);
    await writeNote(join(folder, 'requests.ndjson'), { where, runId: 'r' });
    expect(await readNote(folder)).to.deep.equal({ where, runId: 'r' });
    expect((await stat(join(folder, 'load-cluster.json'))).mode & 0o777).to.equal(0o600);
    await removeNote(folder);
    expect(await readNote(folder)).to.equal(undefined);
  });

  it('may be removed where there is none', async () => {
    await removeNote(folder);
    expect(await readNote(folder)).to.equal(undefined);
  });
});
