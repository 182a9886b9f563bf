import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect } from 'chai';
import { FaultlineError } from '../model/errors.ts';
import type { FaultPlan, UndoOutcome } from '../model/fault.ts';
import type { JournalCluster, JournalEntry } from '../model/journal.ts';
import { Disk } from '../run/testing/crash/disk.ts';
import { journalledClusters, openFaults } from './journal-clusters.ts';
import { createJournal, openJournal, readJournal } from './journal-file.ts';

const WALL = '2026-11-22T09:00:00.000Z';

const at = (name: string, kubeconfig = 'k'): JournalCluster => ({
  name,
  region: 'r',
  uid: `uid-of-${name}`,
  server: 's',
  kubeconfig,
  context: name,
  namespaces: ['default'],
  ephemeral: false,
});
const announced = (cluster: JournalCluster): JournalEntry => ({ state: 'announced', runId: 'r', cluster, wall: WALL });
const released = (cluster: string): JournalEntry => ({ state: 'released', cluster, wall: WALL });
const intent = (fault: string, cluster: JournalCluster, kind = 'imageSwap'): JournalEntry => ({
  state: 'intent',
  runId: 'r',
  plan: { fault, kind, runId: 'r', cluster: cluster.name } as unknown as FaultPlan,
  cluster,
  wall: WALL,
});
const closed = (fault: string, state: UndoOutcome['state'] = 'undone'): JournalEntry => ({
  state: 'closed',
  fault,
  outcome: { state, detail: '', objects: [], commands: [] },
  wall: WALL,
});

/** `tokyo open(a b) kinds released`, for each cluster. */
const clustersOf = (...entries: JournalEntry[]) =>
  journalledClusters(entries, false).map(({ where, open, begun, released: isOver }) => [
    where.name,
    open.map(({ fault }) => fault).join(' '),
    [...new Set(begun.map(({ kind }) => kind))].join(' '),
    isOver,
  ]);

describe('the clusters of a journal', () => {
  const [tokyo, osaka] = [at('tokyo'), at('osaka')];

  it('are open from their announcement until they are released', () => {
    expect(clustersOf()).to.deep.equal([]);
    expect(clustersOf(announced(tokyo))).to.deep.equal([['tokyo', '', '', false]]);
    expect(clustersOf(announced(tokyo), announced(osaka), released('tokyo'))).to.deep.equal([
      ['tokyo', '', '', true],
      ['osaka', '', '', false],
    ]);
  });

  it('have the faults that are not undone, in the order of their injection, and all kinds that there were', () => {
    const entries = [
      announced(tokyo),
      announced(osaka),
      intent('a', tokyo),
      intent('b', osaka, 'podKill'),
      intent('c', tokyo, 'zoneBlackhole'),
      intent('d', tokyo),
    ];
    expect(clustersOf(...entries)).to.deep.equal([
      ['tokyo', 'a c d', 'imageSwap zoneBlackhole', false],
      ['osaka', 'b', 'podKill', false],
    ]);
    expect(
      clustersOf(...entries, closed('c'), closed('b'), closed('a', 'conflict'), closed('d', 'failed')),
    ).to.deep.equal([
      ['tokyo', 'a d', 'imageSwap zoneBlackhole', false],
      ['osaka', '', 'podKill', false],
    ]);
  });

  it('are those of an old journal, too, which has no announcements', () => {
    expect(clustersOf(intent('a', tokyo), closed('a'))).to.deep.equal([['tokyo', '', 'imageSwap', false]]);
  });

  it('are not over while a fault is open, whatever the journal says, and open again when they are used again', () => {
    expect(clustersOf(announced(tokyo), intent('a', tokyo), released('tokyo'))).to.deep.equal([
      ['tokyo', 'a', 'imageSwap', false],
    ]);
    expect(clustersOf(announced(tokyo), released('tokyo'), intent('a', tokyo), closed('a'))).to.deep.equal([
      ['tokyo', '', 'imageSwap', false],
    ]);
    expect(clustersOf(released('nowhere'), announced(tokyo), released('nowhere'))).to.deep.equal([
      ['tokyo', '', '', false],
    ]);
  });

  it('are all of the target from the first entry on, and none is released where the end is torn off', () => {
    const plans = [intent('a', tokyo), intent('b', osaka)].flatMap((entry) =>
      entry.state === 'intent' ? [entry.plan] : [],
    );
    const opened: JournalEntry = { state: 'opened', runId: 'r', clusters: [tokyo, osaka], plans, wall: WALL };
    const entries = [opened, announced(tokyo), intent('a', tokyo), closed('a'), released('tokyo'), released('osaka')];
    const summary = (isTorn: boolean, some: JournalEntry[]) =>
      journalledClusters(some, isTorn).map(({ where, open, begun, released: isOver }) => {
        const names = (list: readonly FaultPlan[]) => list.map(({ fault }) => fault).join(' ');
        return [where.name, names(open), names(begun), isOver];
      });
    expect(summary(false, [opened])).to.deep.equal([
      ['tokyo', '', '', false],
      ['osaka', '', '', false],
    ]);
    expect(summary(false, entries)).to.deep.equal([
      ['tokyo', '', 'a', true],
      ['osaka', '', '', true],
    ]);
    expect(summary(true, entries)).to.deep.equal([
      ['tokyo', '', 'a', false],
      ['osaka', 'b', 'b', false],
    ]);
  });

  it('are where they were last', () => {
    const [found] = journalledClusters([announced(at('tokyo', 'old')), intent('a', at('tokyo', 'new'))], false);
    expect(found?.where.kubeconfig).to.equal('new');
    expect(found?.runId).to.equal('r');
  });
});

describe('the open faults of a journal', () => {
  it('are those without an undo that was done, a later injection of the same name included', () => {
    const tokyo = at('tokyo');
    const names = (...entries: JournalEntry[]) => openFaults(entries).map(({ plan }) => plan.fault);
    expect(names(announced(tokyo), intent('a', tokyo), { state: 'applied', fault: 'a', wall: WALL })).to.deep.equal([
      'a',
    ]);
    expect(names(intent('a', tokyo), { state: 'undo-intent', fault: 'a', wall: WALL })).to.deep.equal(['a']);
    expect(names(intent('a', tokyo), closed('a', 'conflict'), closed('a'))).to.deep.equal([]);
    expect(names(intent('a', tokyo), closed('a'), intent('a', tokyo))).to.deep.equal(['a']);
  });
});

describe('a journal line', () => {
  let path: string;
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'faultline-journal-'));
    path = join(dir, 'journal.ndjson');
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const line = (entry: object, version = 1) => {
    const text = JSON.stringify(entry);
    return `{"v":${version},"crc":${crc32(text)},"entry":${text}}\n`;
  };

  function damage(text: string): string {
    writeFileSync(path, text);
    try {
      readJournal(path);
      return 'read';
    } catch (error) {
      expect(error).to.include({ code: 'JOURNAL' });
      expect((error as FaultlineError).hint).to.contain('faultline recover --scan');
      return (error as Error).message.slice(path.length);
    }
  }

  it('is believed only with its own checksum and version, and named where it is not', () => {
    const good = line(released('tokyo'));
    expect(damage(good + good)).to.equal('read');
    expect(damage(good + line(released('tokyo'), 2))).to.equal(':2: the line is damaged');
    expect(damage(good.replace('tokyo', 'osaka'))).to.equal(':1: the line is damaged');
    expect(damage(`${good}{}\n`)).to.equal(':2: the line is damaged');
    expect(damage(`null\n${good}`)).to.equal(':1: the line is damaged');
    expect(damage(`${good}not json\n`)).to.equal(':2: the line is damaged');
  });

  it('is not believed where lines of another run stand in it, which has not begun there', () => {
    const opened = (runId: string): JournalEntry => ({ state: 'opened', runId, clusters: [], plans: [], wall: WALL });
    const of = (runId: string, entry: JournalEntry) => line({ ...entry, runId });
    const own = line(opened('r')) + of('r', announced(at('tokyo'))) + of('r', intent('a', at('tokyo')));
    expect(damage(own)).to.equal('read');
    expect(damage(own + line(opened('other')) + of('other', announced(at('tokyo'))))).to.equal('read');
    const mixed = 'the line is of run other, and those before it of run r';
    expect(damage(own + of('other', announced(at('tokyo'))) + line(released('tokyo')))).to.equal(`:4: ${mixed}`);
    expect(damage(own + of('other', intent('a', at('tokyo'))) + line(closed('a')))).to.equal(`:4: ${mixed}`);
    // An old one, without its first line.
    expect(damage(of('r', announced(at('tokyo'))) + of('other', announced(at('tokyo'))))).to.equal(`:2: ${mixed}`);
  });

  it('is on the disk, under the name of its file, before anything is done that it tells of', () => {
    const disk = new Disk();
    try {
      const opened = { state: 'opened', runId: 'r', clusters: [at('tokyo')], plans: [], wall: WALL } as const;
      const journal = createJournal(path, opened);
      expect(disk.after(path)).to.equal(line(opened));
      journal.append(released('tokyo'));
      expect(disk.after(path)).to.equal(line(opened) + line(released('tokyo')));
      journal.close();
    } finally {
      disk.end();
    }
  });

  it('that is the first has to be there, or nobody knows what its run has touched', () => {
    const lost = 'nobody knows what that run has touched';
    expect(damage('')).to.equal(`: it is empty: ${lost}`);
    expect(damage(line(announced(at('tokyo'))).slice(0, -1))).to.equal(`: its first line is torn off: ${lost}`);
    expect(damage(line(announced(at('tokyo'))).concat('{'))).to.equal(`: its end is torn off: ${lost}`);
    expect(() => readJournal(join(dir, 'nobody'))).to.throw(
      FaultlineError,
      /nobody: it cannot be read \(ENOENT: .*\): nobody knows what that run has touched$/,
    );
  });

  it('that cannot be written says what that means', () => {
    const journal = openJournal(path);
    journal.close();
    try {
      journal.append(released('tokyo'));
      expect.fail('it was to be refused');
    } catch (error) {
      expect(error).to.be.instanceOf(FaultlineError).with.property('code', 'JOURNAL');
      expect((error as Error).message).to.equal(`${path}: cannot be written: it is closed already`);
      expect((error as FaultlineError).hint).to.contain('Nothing is injected without a journal');
    }
  });
});
