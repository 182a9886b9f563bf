import { expect } from 'chai';
import { type StartProbes, startNeeds } from '../needs.ts';
import { availableMemory, fileSystemOf, mayAdminister } from './probes.ts';

const GIB = 1024 ** 3;
const FINE: StartProbes = {
  platform: 'linux',
  root: true,
  missingPrograms: [],
  cni: '/usr/lib/cni',
  prometheus: '/usr/bin/prometheus',
  cgroups: 1,
  overlay: true,
  fileSystem: 'ext4',
  memory: 20 * GIB,
  free: 70 * GIB,
};
const missing = (probes: Partial<StartProbes>) =>
  startNeeds({ ...FINE, ...probes })
    .filter(({ ok }) => !ok)
    .map(({ what, fix }) => `${what}: ${fix}`);

describe('what starting the lab needs', () => {
  it('is nothing on a machine that has it all', () => {
    expect(missing({})).to.deep.equal([]);
    expect(missing({ cgroups: 2 })).to.deep.equal([]);
  });

  it('is named one by one, with what to do', () => {
    expect(missing({ root: false })[0]).to.contain('root: sudo faultline lab up');
    expect(missing({ missingPrograms: ['runc'] })[0]).to.contain('programs: apt-get install runc');
    expect(missing({ cni: undefined })[0]).to.contain('containernetworking-plugins');
    expect(missing({ cgroups: undefined })).to.have.length(1);
    expect(missing({ overlay: false })).to.deep.equal(['overlayfs: modprobe overlay']);
    expect(missing({ memory: 3 * GIB })).to.have.length(1);
    expect(missing({ fileSystem: 'overlay' })[0]).to.contain('no overlay');
    expect(missing({ free: GIB })).to.have.length(1);
    expect(missing({ platform: 'darwin' })[0]).to.contain('Linux');
    expect(missing({ prometheus: undefined })).to.deep.equal(['Prometheus: apt-get install prometheus']);
  });

  it('does without a Prometheus, of which only alerts are asked', () => {
    const need = startNeeds({ ...FINE, prometheus: undefined }).find(({ what }) => what === 'Prometheus');
    expect(need).to.include({ ok: false, optional: true });
  });
});

describe('what /proc says of the machine', () => {
  it('tells a root that may administer from one that may not', () => {
    expect(mayAdminister('CapInh:\t0\nCapEff:\t000001fffeffffff\n')).to.equal(true);
    expect(mayAdminister('CapEff:\t00000000a80425fb\n')).to.equal(false);
    expect(mayAdminister('')).to.equal(false);
  });

  it('tells the memory that programs could still take', () => {
    expect(availableMemory('MemTotal: 9 kB\nMemAvailable:    2048 kB\n')).to.equal(2 * 1024 * 1024);
  });

  it('tells the file system that is nearest above a folder', () => {
    const mount = (point: string, type: string) => ({ point, type, options: [] });
    const all = [mount('/', 'overlay'), mount('/var', 'ext4'), mount('/var/lib/docker', 'xfs'), mount('/va', 'tmpfs')];
    expect(fileSystemOf('/var/lib', all)).to.equal('ext4');
    expect(fileSystemOf('/opt', all)).to.equal('overlay');
    expect(fileSystemOf('/opt', [])).to.equal('unknown');
  });
});
