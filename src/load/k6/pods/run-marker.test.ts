import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readRunMarker, removeRunMarker, writeRunMarker } from './run-marker.ts';

describe('load/k6/pods/run-marker: where the load of a run is', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-marker-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('lies beside the records, for its owner alone, until it is removed', async () => {
    const where = { kubeconfig: '/k', context: 'c', namespace: 'n', pods: 2, image: 'i' };
    expect(await readRunMarker(folder)).to.equal(undefined);
    await writeRunMarker(join(folder, 'requests.ndjson'), { where, runId: 'r' });
    expect(await readRunMarker(folder)).to.deep.equal({ where, runId: 'r' });
    expect((await stat(join(folder, 'load-cluster.json'))).mode & 0o777).to.equal(0o600);
    await removeRunMarker(folder);
    expect(await readRunMarker(folder)).to.equal(undefined);
  });

  it('may be removed where there is none', async () => {
    await removeRunMarker(folder);
    expect(await readRunMarker(folder)).to.equal(undefined);
  });
});
