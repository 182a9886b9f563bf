import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { DEFAULT_TOPOLOGY } from '../../topologies/index.ts';
import { runningClusters, runningTopology } from './running-topology.ts';
import { StateFile } from './state.ts';

describe('what a lab that runs is laid out by', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'faultline-running-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const begin = (...names: string[]) => {
    const file = new StateFile(folder);
    file.begin('boot-1');
    for (const name of names) file.add({ kind: 'topology', name });
  };

  it('is what its state file says', () => {
    begin('single-region');
    expect(runningTopology(folder).name).to.equal('single-region');
    expect(runningClusters(folder).map(({ name }) => name)).to.deep.equal(['tokyo-2', 'tokyo']);
  });

  it('is the one that labs had before there were others, where the file says none', () => {
    begin();
    expect(runningTopology(folder)).to.equal(DEFAULT_TOPOLOGY);
  });

  it('that this faultline does not know is named', () => {
    begin('moon-base');
    expect(() => runningTopology(folder)).to.throw("no topology is called 'moon-base'");
  });
});
