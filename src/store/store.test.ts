import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FaultlineError } from '../model/errors.ts';
import type { FaultPlan, UndoOutcome } from '../model/fault.ts';
import type { JournalEntry } from '../model/journal.ts';
import type { Clock } from '../model/ports.ts';
import { Disk } from '../run/testing/crash/disk.ts';
import { openHistory, readHistory } from './history-file.ts';
import { openFaults } from './journal-clusters.ts';
import { createJournal, openJournal, readJournal } from './journal-file.ts';
import { createRunFolder, listRunFolders, newRunId, pointLatest, writeWhole } from './run-folder.ts';
import { fillDisk } from './testing/full-disk.ts';

const WALL = '2026-11-22T09:00:00.000Z';
const OUTCOME: UndoOutcome = { state: 'undone', detail: 'back', objects: [], commands: [] };

function intent(fault: string): Extract<JournalEntry, { state: 'intent' }> {
  const plan = { fault, runId: 'r', cluster: 'tokyo', data: { text: 'a\u2028b"\\ü' } } as unknown as FaultPlan;
  const cluster = {
    name: 'tokyo',
    region: 'r',
    uid: 'u',
    server: 's',
    kubeconfig: 'k',
    context: 'c',
    namespaces: [],
    ephemeral: false,
  } as const;
  return { state: 'intent', runId: 'r', plan, cluster, wall: WALL };
}

function closed(fault: string, outcome: UndoOutcome = OUTCOME): JournalEntry {
  return { state: 'closed', fault, outcome, wall: WALL };
}

function codeOf(act: () => unknown): string {
  try {
    act();
    return 'none';
  } catch (error) {
    return error instanceof FaultlineError ? error.code : String(error);
  }
}

describe('store', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'faultline-store-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  describe('journal', function () {
    this.timeout(60_000);
    const { plan, cluster } = intent('a');
    const opened = { state: 'opened', runId: 'r', clusters: [cluster], plans: [plan], wall: WALL } as const;
    const written = [opened, intent('a'), intent('b'), closed('b')];
    let path: string;
    beforeEach(() => {
      path = join(dir, 'journal.ndjson');
      const journal = createJournal(path, opened);
      for (const entry of written.slice(1)) journal.append(entry);
      journal.close();
    });

    it('reads what was written, and only its owner may', () => {
      expect(readJournal(path)).to.deep.equal({ entries: written, isTorn: false });
      expect(statSync(path).mode & 0o077).to.equal(0);
    });

    it('gives the open faults in the order of their injection', () => {
      expect(openFaults(written).map((entry) => entry.plan.fault)).to.deep.equal(['a']);
      expect(openFaults([intent('a'), intent('b')]).map((entry) => entry.plan.fault)).to.deep.equal(['a', 'b']);
    });

    it('keeps a fault open whose undo met a conflict', () => {
      const conflict = closed('a', { ...OUTCOME, state: 'conflict' });
      expect(openFaults([intent('a'), conflict])).to.have.length(1);
    });

    it('cut off at any byte it says so, and loses at most the line that was being written', () => {
      const whole = readFileSync(path);
      for (let length = 0; length <= whole.length; length++) {
        writeFileSync(path, whole.subarray(0, length));
        const part = whole.subarray(0, length).toString('utf8');
        const complete = part.split('\n').length - 1;
        const isTorn = !part.endsWith('\n');
        if (complete === 0)
          expect(
            codeOf(() => readJournal(path)),
            `${length} bytes`,
          ).to.equal('JOURNAL');
        else {
          const entries = written.slice(0, complete);
          expect(readJournal(path), `${length} bytes`).to.deep.equal({ entries, isTorn });
        }
      }
    });

    it('says so, loudly, when any byte of a complete line is changed', () => {
      const whole = readFileSync(path);
      for (let at = 0; at < whole.length; at++) {
        const bytes = Buffer.from(whole);
        bytes[at] = (bytes[at] ?? 0) ^ 0x01;
        writeFileSync(path, bytes);
        const code = codeOf(() => readJournal(path));
        const lostTail = at === whole.length - 1 && readJournal(path).isTorn;
        expect(code === 'JOURNAL' || lostTail, `byte ${at}: ${code}`).to.equal(true);
      }
    });

    it('goes on after a line that was cut off, and not on its remains', () => {
      writeFileSync(path, readFileSync(path).subarray(0, -3));
      const journal = openJournal(path);
      journal.append(closed('b'));
      journal.close();
      expect(readJournal(path)).to.deep.equal({ entries: written, isTorn: false });
    });

    it('of a version without a first entry cannot be torn: nobody would know its clusters', () => {
      const old = openJournal(join(dir, 'old.ndjson'));
      old.append(intent('a'));
      old.close();
      expect(readJournal(join(dir, 'old.ndjson')).entries).to.have.length(1);
      appendFileSync(join(dir, 'old.ndjson'), '{"v"');
      expect(codeOf(() => readJournal(join(dir, 'old.ndjson')))).to.equal('JOURNAL');
    });

    it('refuses to be written where that is not possible', () => {
      expect(codeOf(() => openJournal(join(dir, 'nobody', 'journal.ndjson')))).to.equal('JOURNAL');
    });
  });

  describe('history', () => {
    let now = 5_000_000;
    const clock: Clock = { now: () => now, wall: () => new Date(WALL), sleep: async () => {} };

    it('numbers and times its events from its own zero', () => {
      const path = join(dir, 'history.ndjson');
      const history = openHistory(path, clock);
      history.append({ type: 'phase-start', phase: 'baseline' });
      now += 1_500;
      history.append({ type: 'phase-end', phase: 'baseline' });
      history.close();
      expect(readHistory(path)).to.deep.equal([
        { seq: 0, t: 0, wall: WALL, type: 'phase-start', phase: 'baseline' },
        { seq: 1, t: 1_500, wall: WALL, type: 'phase-end', phase: 'baseline' },
      ]);
    });

    it('tells of every event as it is written, while it can be', () => {
      const heard: unknown[] = [];
      const path = join(dir, 'history.ndjson');
      const history = openHistory(path, clock, { onEvent: (event) => heard.push(event) });
      const stamp = history.append({ type: 'phase-start', phase: 'hold' });
      expect(heard).to.deep.equal([{ ...stamp, type: 'phase-start', phase: 'hold' }]);
      expect(readHistory(path)).to.deep.equal(heard);
      history.close();
    });

    it('waits for no disk: the requests are counted meanwhile', () => {
      const disk = new Disk();
      try {
        const path = join(dir, 'history.ndjson');
        const history = openHistory(path, clock);
        history.append({ type: 'phase-start', phase: 'hold' });
        history.close();
        expect([readHistory(path).length, disk.after(path)]).to.deep.equal([1, undefined]);
      } finally {
        disk.end();
      }
    });

    it('leaves torn lines out', () => {
      const path = join(dir, 'history.ndjson');
      const history = openHistory(path, clock);
      history.append({ type: 'phase-start', phase: 'hold' });
      history.close();
      appendFileSync(path, '{"seq":1,"t":\n{"seq":2,"t":7,"wall":"x","type":"phase-end","phase":"hold"}\n{"seq":3');
      expect(readHistory(path).map((event) => event.seq)).to.deep.equal([0, 2]);
    });

    it('does not throw when the disk is gone, because an undo is waiting, and says it once', () => {
      const heard: string[] = [];
      const history = openHistory(join(dir, 'history.ndjson'), clock, { onBroken: (why) => heard.push(why) });
      history.close();
      history.append({ type: 'phase-start', phase: 'undo' });
      history.append({ type: 'phase-end', phase: 'undo' });
      expect(heard).to.have.length(1);
      expect(heard[0]).to.contain('cannot be written');
    });

    it('keeps what a full disk has no room for, whole and in order, and writes it in the end if it can', () => {
      for (const isFreed of [true, false]) {
        const path = join(dir, `history-${isFreed}.ndjson`);
        const heard: string[] = [];
        const history = openHistory(path, clock, { onBroken: (why) => heard.push(why) });
        history.append({ type: 'phase-start', phase: 'hold' });
        const free = fillDisk(20);
        history.append({ type: 'phase-end', phase: 'hold' });
        history.append({ type: 'phase-start', phase: 'undo' });
        expect(heard).to.deep.equal([`disk full: ${path}`]);
        expect(readFileSync(path, 'utf8')).to.match(/^\{"seq":0[^\n]*\n$/);
        if (isFreed) free();
        const left = history.close();
        free();
        expect(left.map(({ seq }) => seq)).to.deep.equal(isFreed ? [] : [1, 2]);
        expect(readHistory(path).map(({ seq }) => seq)).to.deep.equal(isFreed ? [0, 1, 2] : [0]);
      }
    });
  });

  describe('run folder', () => {
    it('is made once and pointed at by latest', () => {
      pointLatest(createRunFolder(dir, '20261122t090000z-aaaa'));
      const second = createRunFolder(dir, '20261122t090001z-aaaa');
      writeFileSync(second.journal, '');
      pointLatest(second);
      expect(readlinkSync(join(dir, 'latest'))).to.equal('20261122t090001z-aaaa');
      expect(listRunFolders(dir).map((folder) => folder.path)).to.deep.equal([second.path]);
      expect(codeOf(() => createRunFolder(dir, '20261122t090001z-aaaa'))).to.equal('RUN_FOLDER');
    });

    it('writes a file whole or not at all', () => {
      writeWhole(join(dir, 'x.json'), '{}');
      expect(readFileSync(join(dir, 'x.json'), 'utf8')).to.equal('{}');
      expect(codeOf(() => writeWhole(join(dir, 'nobody', 'x.json'), '{}'))).to.equal('RUN_FOLDER');
      expect(existsSync(join(dir, 'nobody'))).to.equal(false);
    });

    it('has ids that sort by time and are Kubernetes names', () => {
      const id = (iso: string) => newRunId(new Date(iso), () => 0.5);
      expect(id('2026-11-22T09:00:00.123Z')).to.equal('20261122t090000z-i000');
      expect(id('2026-11-22T09:00:00Z') < id('2026-11-22T10:00:00Z')).to.equal(true);
      expect(id('2026-11-22T09:00:00Z')).to.match(/^[a-z0-9-]{1,40}$/);
    });
  });
});
