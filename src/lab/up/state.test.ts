import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FaultlineError } from '../../model/errors.ts';
import { type Made, readState, recordedProcesses, recordedStart, StateFile } from './state.ts';

const MADE: Made[] = [
  { kind: 'namespace', name: 'faultline-lab-fabric' },
  { kind: 'starting', name: 'etcd', how: { group: 'tokyo/control-plane', command: ['etcd'] } },
  { kind: 'process', name: 'etcd', pid: 7, started: 70 },
];

describe('the state file of the lab', () => {
  let folder: string;
  let file: StateFile;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'faultline-state-'));
    file = new StateFile(folder);
    file.begin('boot-1');
    for (const made of MADE) file.add(made);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('says what was made, in order', () => {
    expect(readState(folder)).to.deep.equal({ boot: 'boot-1', made: MADE });
    expect(recordedProcesses({ boot: 'boot-1', made: MADE })).to.deep.equal([MADE[2]]);
  });

  it('knows the last process of each name, how to start it again, and what was ended on purpose', () => {
    const again: Made[] = [
      { kind: 'starting', name: 'etcd', how: { group: 'tokyo/control-plane', command: ['etcd', '--again'] } },
      { kind: 'process', name: 'etcd', pid: 8, started: 80 },
      { kind: 'process', name: 'wan', pid: 9, started: 90 },
      { kind: 'ended', name: 'wan' },
    ];
    const state = { boot: 'boot-1', made: [...MADE, ...again] };
    expect(recordedProcesses(state)).to.deep.equal([again[1]]);
    expect(recordedStart(state, 'etcd')?.command).to.deep.equal(['etcd', '--again']);
    expect(recordedStart(state, 'nothing')).to.equal(undefined);
  });

  it('is for its owner alone', () => {
    expect(statSync(join(folder, 'state.ndjson')).mode & 0o777).to.equal(0o600);
  });

  it('loses a torn last line and no other', () => {
    appendFileSync(join(folder, 'state.ndjson'), '{"kind":"process","na');
    expect(readState(folder)?.made).to.deep.equal(MADE);
  });

  it('is not there before anything was', () => {
    expect(readState(join(folder, 'nowhere'))).to.equal(undefined);
    writeFileSync(join(folder, 'state.ndjson'), '');
    expect(readState(folder)).to.equal(undefined);
  });

  it('of another version is refused', () => {
    writeFileSync(join(folder, 'state.ndjson'), '{"format":2,"boot":"x"}\n');
    expect(() => readState(folder))
      .to.throw(FaultlineError, 'not a state file of this version')
      .with.property('code', 'LAB');
  });

  it('begins anew with every start', () => {
    file.begin('boot-2');
    expect(readState(folder)).to.deep.equal({ boot: 'boot-2', made: [] });
  });
});
