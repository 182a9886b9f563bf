import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { cgroupTrees, groupFolders, groupProcesses, labGroups, makeGroup } from './cgroups.ts';

const tree = (point: string, type: string, ...options: string[]) => ({ point, type, options });

describe('cgroups of the lab', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'faultline-cgroups-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('are in every tree of version 1, and in the one of version 2 that may stand beside', () => {
    const mounts = [
      tree('/sys/fs/cgroup/memory', 'cgroup', 'rw', 'memory'),
      tree('/sys/fs/cgroup/cpu,cpuacct', 'cgroup', 'rw', 'cpu', 'cpuacct'),
      tree('/sys/fs/cgroup/unified', 'cgroup2', 'rw'),
    ];
    const trees = cgroupTrees(mounts);
    const roots = ['/sys/fs/cgroup/memory', '/sys/fs/cgroup/cpu,cpuacct', '/sys/fs/cgroup/unified'];
    expect(trees).to.deep.equal({ version: 1, roots });
    expect(trees && groupFolders(trees, 'tokyo/x')).to.deep.equal([
      '/sys/fs/cgroup/memory/faultline-lab/tokyo/x',
      '/sys/fs/cgroup/cpu,cpuacct/faultline-lab/tokyo/x',
      '/sys/fs/cgroup/unified/faultline-lab/tokyo/x',
    ]);
  });

  it('are in the one tree of version 2, and nowhere on a machine without', () => {
    const mounts = [tree('/sys/fs/cgroup/systemd', 'cgroup', 'name=systemd'), tree('/sys/fs/cgroup', 'cgroup2', 'rw')];
    expect(cgroupTrees(mounts)).to.deep.equal({ version: 2, roots: ['/sys/fs/cgroup'] });
    expect(cgroupTrees([tree('/', 'ext4')])).to.equal(undefined);
  });

  it('have processors and memory before they take processes', () => {
    writeFileSync(join(root, 'cpuset.cpus'), '0-1\n');
    writeFileSync(join(root, 'cpuset.mems'), '0\n');
    mkdirSync(join(root, 'faultline-lab'));
    for (const file of ['cpuset.cpus', 'cpuset.mems']) writeFileSync(join(root, 'faultline-lab', file), '\n');
    makeGroup({ version: 1, roots: [root] }, 'tokyo');
    expect(readFileSync(join(root, 'faultline-lab', 'cpuset.cpus'), 'utf8')).to.equal('0-1\n');
    expect(readFileSync(join(root, 'faultline-lab', 'cpuset.mems'), 'utf8')).to.equal('0\n');
  });

  it('pass on what controllers there are', () => {
    const folders = [root, join(root, 'faultline-lab')];
    for (const folder of folders) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'cgroup.controllers'), 'cpu memory hugetlb pids\n');
    }
    makeGroup({ version: 2, roots: [root] }, 'tokyo');
    for (const folder of folders) {
      expect(readFileSync(join(folder, 'cgroup.subtree_control'), 'utf8')).to.equal('+cpu +memory +pids');
    }
  });

  it('are found deepest first, with all their processes, and nothing of others', () => {
    const trees = { version: 1 as const, roots: [join(root, 'a'), join(root, 'b')] };
    const put = (path: string, pids: string) => {
      mkdirSync(join(root, path), { recursive: true });
      writeFileSync(join(root, path, 'cgroup.procs'), pids);
    };
    put('a', '1\n');
    put('a/other', '2\n');
    put('a/faultline-lab', '');
    put('a/faultline-lab/tokyo', '3\n');
    put('a/faultline-lab/tokyo/pods', '4\n5\n');
    put('b/faultline-lab/hangzhou', '5\n6\n');
    const named = labGroups(trees).map((folder) => folder.slice(root.length + 1));
    expect(named).to.deep.equal([
      'a/faultline-lab/tokyo/pods',
      'a/faultline-lab/tokyo',
      'a/faultline-lab',
      'b/faultline-lab/hangzhou',
      'b/faultline-lab',
    ]);
    expect(groupProcesses(trees, '')).to.have.members([3, 4, 5, 6]);
    expect(groupProcesses(trees, 'tokyo')).to.have.members([3, 4, 5]);
  });
});
