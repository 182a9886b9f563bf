import { expect } from 'chai';
import { GOOD_PROBES } from './build/testing/fake-machine.ts';
import { type BuildProbes, buildNeeds } from './needs.ts';

const lacking = (probes: Partial<BuildProbes>) => buildNeeds({ ...GOOD_PROBES, ...probes }).filter((need) => !need.ok);

describe('lab/needs: what building asks of the machine', () => {
  it('is content with a machine that has all', () => {
    expect(lacking({})).to.deep.equal([]);
    expect(buildNeeds(GOOD_PROBES).every(({ fix }) => fix === undefined)).to.equal(true);
  });

  it('names each thing that is not there, and what puts it right', () => {
    const cases: [Partial<BuildProbes>, string, string, string][] = [
      [{ platform: 'darwin-arm64' }, 'machine', 'darwin-arm64', 'Linux on x86-64'],
      [{ go: undefined }, 'Go', 'not there', 'https://go.dev/dl'],
      [{ pip: undefined }, 'pip', 'python3 -m pip cannot be run', 'apt-get install python3-pip'],
      [{ busybox: undefined }, 'busybox', 'not there', 'apt-get install busybox-static'],
      [{ busybox: 'dynamic' }, 'busybox', 'dynamic', 'apt-get install busybox-static'],
      [{ iptables: false }, 'iptables', 'not there', 'apt-get install iptables'],
    ];
    for (const [probes, what, detail, fix] of cases) {
      const [need, ...more] = lacking(probes);
      expect(more).to.deep.equal([]);
      expect(need).to.include({ what, detail });
      expect(need?.fix).to.contain(fix);
      expect(need?.optional).to.equal(undefined);
    }
  });

  it('takes little room as a thing to be said, since a second build takes less', () => {
    expect(lacking({ free: 19 * 1024 ** 3 })).to.deep.equal([
      { what: 'disk', ok: false, detail: '19 GiB free', fix: 'A first build takes 20 GiB.', optional: true },
    ]);
  });

  it('compares versions of Go by their numbers', () => {
    const enough = (go: string) => lacking({ go }).length === 0;
    expect(['go1.26.0', 'go1.26', 'go1.26.10', 'go1.27rc1', 'go1.100.0', 'go2.0'].map(enough)).to.not.include(false);
    expect(['go1.25.9', 'go1.9', 'go0.99.0', 'devel', ''].map(enough)).to.not.include(true);
  });
});
