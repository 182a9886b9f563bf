import { expect } from 'chai';
import fc from 'fast-check';
import { nothingLeft, type Remains, removalOf, removalText } from './removal.ts';
import type { LabState } from './state.ts';

const STATE: LabState = {
  boot: 'now',
  made: [
    { kind: 'starting', how: { group: 'g', command: ['c'] }, name: 'etcd' },
    { kind: 'process', name: 'etcd', pid: 7, started: 70 },
    { kind: 'process', name: 'kubelet', pid: 8, started: 80 },
  ],
};
const EMPTY: Remains = { boot: 'now', started: new Map(), members: [], namespaces: [], groups: [], mounts: [] };

describe('removal of a lab', () => {
  it('ends what the state file lists and what is in its cgroups, each once', () => {
    const started = new Map([
      [7, 70],
      [8, 80],
    ]);
    expect(removalOf(STATE, { ...EMPTY, started, members: [8, 9] }).kill).to.deep.equal([7, 8, 9]);
  });

  it('leaves a process that has got the id of one of ours alone', () => {
    expect(removalOf(STATE, { ...EMPTY, started: new Map([[7, 71]]) }).kill).to.deep.equal([]);
  });

  it('leaves every process alone after the machine was started anew', () => {
    const remains = { ...EMPTY, boot: 'later', started: new Map([[7, 70]]) };
    expect(removalOf(STATE, remains).kill).to.deep.equal([]);
  });

  it('needs no state file for what bears its names', () => {
    const remains = { ...EMPTY, members: [9], namespaces: ['faultline-lab-tokyo'], groups: ['/c/faultline-lab'] };
    const removal = removalOf(undefined, remains);
    expect(removal).to.deep.include({ kill: [9], namespaces: ['faultline-lab-tokyo'], groups: ['/c/faultline-lab'] });
    expect(nothingLeft(removal)).to.equal(false);
    expect(removalText(removal)).to.equal(
      'processes 9; network namespaces faultline-lab-tokyo; 1 cgroups, such as /c/faultline-lab',
    );
  });

  it('is over when nothing is left', () => {
    expect(nothingLeft(removalOf(STATE, EMPTY))).to.equal(true);
    expect(nothingLeft(removalOf(undefined, EMPTY))).to.equal(true);
  });

  it('never ends a process that is neither recorded with its very start nor in a cgroup of the lab', () => {
    const pid = fc.integer({ min: 2, max: 6 });
    const start = fc.integer({ min: 0, max: 2 });
    const world = fc.record({ recorded: fc.array(fc.tuple(pid, start)), alive: fc.array(fc.tuple(pid, start)) });
    fc.assert(
      fc.property(world, fc.array(pid), fc.boolean(), ({ recorded, alive }, members, rebooted) => {
        const made = recorded.map(([id, started]) => ({ kind: 'process' as const, name: 'x', pid: id, started }));
        const started = new Map(alive);
        const { kill } = removalOf({ boot: 'a', made }, { ...EMPTY, boot: rebooted ? 'b' : 'a', started, members });
        return kill.every(
          (id) =>
            members.includes(id) ||
            (!rebooted && recorded.some(([known, when]) => known === id && started.get(id) === when)),
        );
      }),
    );
  });
});
