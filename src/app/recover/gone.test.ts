import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { faultKind, kindsReaching } from '../../faults/index.ts';
import { KubeApiError } from '../../kube/api-error.ts';
import { CredentialsError } from '../../kube/credentials-error.ts';
import { FaultlineError } from '../../model/errors.ts';
import type { FaultKind } from '../../model/fault.ts';
import type { JournalEntry } from '../../model/journal.ts';
import type { Cluster, Outside } from '../../model/ports.ts';
import { isClean } from '../../run/recover.ts';
import { asked, BenchRun, SWAP } from '../../run/testing/bench-run.ts';
import { readJournal } from '../../store/journal-file.ts';
import { runFolder } from '../../store/run-folder.ts';
import type { Recovered } from './recovered.ts';
import { DyingRun, RUN } from './testing/dying-run.ts';

const hookUndoneBy = (command: readonly string[]) =>
  asked({
    name: 'nlb',
    kind: 'hook',
    afterMs: 0,
    spec: {
      ...{ cluster: 'tokyo', namespace: 'default', hits: { app: 'mockb' }, effect: 'degrades', limit: 30_000 },
      ...{ inject: { command: ['on'] }, undo: { command: [...command] }, probe: { command: ['look'] } },
    },
  });

const GONE = { accept: { only: ['cluster/tokyo'] } };
const GONE_COMMAND = `faultline recover --run ${RUN} --accept-current --only cluster/tokyo`;

const away = (): Cluster => {
  throw new FaultlineError('TARGET_UNREACHABLE', 'cluster tokyo: it does not answer');
};

const failing = (error: unknown) => (): Cluster =>
  Object.assign(new BenchRun().cluster, { identity: () => Promise.reject(error) });

/** Outside of all clusters: a fault is on or off there, and each command is kept. */
class Elsewhere {
  isOn = false;
  readonly ran: string[] = [];
  user = 'ann';
  /** What `off` ends with. */
  offCode = 0;

  /** The kinds as a process reaches it, while that lives. */
  kinds(isDead: () => boolean = () => false): (kind: string) => FaultKind {
    return kindsReaching(this.#outside(isDead), faultKind);
  }

  #outside(isDead: () => boolean): Outside {
    return {
      act: async (action) => {
        if (isDead()) return new Promise(() => {});
        const [what = ''] = 'command' in action ? action.command : [];
        if (what === 'look') return { code: this.isOn ? 0 : 1, said: '' };
        this.ran.push(what);
        const code = what === 'off' ? this.offCode : 0;
        if (code === 0) this.isOn = what === 'on';
        return { code, said: '' };
      },
      seal: async (text) => `${this.user} ${text.length}`,
      surroundings: async () => ({ programs: { folder: '/drills', always: {} }, values: {} }),
      obstacles: async () => [],
    };
  }
}

const outcomes = ({ recoveries }: Recovered) =>
  recoveries.flatMap(({ undone }) => undone.map(({ fault, outcome }) => `${fault} ${outcome.state}`));
const closedIn = (journal: string) =>
  readJournal(journal).entries.flatMap((entry) => (entry.state === 'closed' ? [entry.fault] : []));

describe('recover of what outlives its cluster', () => {
  let out: string;
  beforeEach(() => {
    out = mkdtempSync(join(tmpdir(), 'faultline-recover-'));
  });
  afterEach(() => rmSync(out, { recursive: true, force: true }));

  /** A run with a hook and a swapped image that died with both on. */
  async function dead(isEphemeral: boolean, undo = ['off']) {
    const run = new DyingRun(mkdtempSync(join(out, 'run-')));
    const outside = new Elsewhere();
    run.bench.ephemeral = isEphemeral;
    run.bench.kinds = outside.kinds(() => run.isDead);
    await run.dieBefore('undo-intent', [SWAP, hookUndoneBy(undo)]);
    run.bench.kinds = outside.kinds();
    expect(outside.isOn, 'the hook is on').to.equal(true);
    return { run, outside };
  }

  describe('of a sandbox that has ended with its run', () => {
    it('undoes it by the word of the journal, and closes it', async () => {
      const { run, outside } = await dead(true);
      const all = await run.recover(away);
      expect([outside.isOn, outcomes(all), all.problems]).to.deep.equal([false, ['nlb undone'], []]);
      expect([all.ended, all.runs, all.recoveries.map(isClean)]).to.deep.equal([[RUN], [], [true]]);
      expect(run.said.join()).to.contain('but for what lies outside of it: nlb');
      expect(closedIn(run.folder.journal)).to.deep.equal(['nlb']);
      outside.ran.length = 0;
      expect([outcomes(await run.recover(away)), outside.ran], 'once').to.deep.equal([[], []]);
    });

    it('tells how it is undone by hand where that fails, and stays open', async () => {
      const { run, outside } = await dead(true);
      outside.offCode = 4;
      const all = await run.recover(away);
      expect([outside.isOn, outcomes(all), all.recoveries.map(isClean)]).to.deep.equal([true, ['nlb failed'], [false]]);
      const [one] = all.recoveries.flatMap(({ undone }) => undone);
      expect(one?.outcome.detail).to.contain('off ended with 4');
      expect(one?.outcome.commands).to.deep.equal(['cd /drills && off', `faultline recover --run ${RUN}`]);
      outside.offCode = 0;
      expect(outcomes(await run.recover(away))).to.deep.equal(['nlb undone']);
    });

    it('runs nothing of another user: it is told, and closed when a person says so', async () => {
      const { run, outside } = await dead(true);
      outside.user = 'eve';
      outside.ran.length = 0;
      const [one] = (await run.recover(away)).recoveries.flatMap(({ undone }) => undone);
      expect([outside.ran, one?.outcome.state]).to.deep.equal([[], 'conflict']);
      expect(one?.outcome.first).to.match(/^run this first, in \/drills, where the scenario says the same .*: off$/);
      const object = `default/job/faultline-${RUN}-nlb`;
      const { commands, keep } = one?.outcome ?? {};
      expect([commands, keep]).to.deep.equal([
        [],
        [`faultline recover --run ${RUN} --accept-current --only ${object}`],
      ]);
      expect(outcomes(await run.recover(away, { accept: { only: [object] } }))).to.deep.equal(['nlb undone']);
      expect(outside.ran).to.deep.equal([]);
    });

    it('is not known to have ended where nobody says so in time', async () => {
      const { run, outside } = await dead(true);
      const cause = new DOMException('the time is over', 'TimeoutError');
      const silent = new FaultlineError('TARGET_UNREACHABLE', 'late', { cause: new Error('fetch failed', { cause }) });
      const all = await run.recover(failing(silent));
      expect([outside.isOn, all.ended, outcomes(all)]).to.deep.equal([true, [], ['nlb failed']]);
      expect(all.problems.join()).to.contain('cluster tokyo: late');
      const firstOver = AbortSignal.abort('given up');
      const given = await run.recover(undefined, { firstOver });
      expect([outside.isOn, given.ended, outcomes(given)]).to.deep.equal([true, [], ['nlb failed']]);
    });
  });

  describe('of a cluster that cannot be asked', () => {
    it('undoes and closes nothing, and tells how it is undone by hand and how to go on where the cluster is gone', async () => {
      const { run, outside } = await dead(false);
      outside.ran.length = 0;
      const rebuilt = Object.assign(new BenchRun().cluster, {
        identity: async () => ({ uid: 'another', server: '', version: '' }),
      });
      for (const open of [away, () => rebuilt]) {
        for (const more of [{}, { accept: { only: [] } }, { accept: { only: ['cluster/osaka'] } }]) {
          const all = await run.recover(open, more);
          expect([outcomes(all), outside.ran, all.gone]).to.deep.equal([['nlb failed'], [], []]);
          const [one] = all.recoveries.flatMap(({ undone }) => undone);
          expect(one?.outcome.commands).to.deep.equal(['cd /drills && off', `faultline recover --run ${RUN}`]);
          expect(all.problems.join())
            .to.contain(`is gone for good`)
            .and.to.match(new RegExp(`: ${GONE_COMMAND}$`));
          expect(all.problems.join()).to.not.contain('cluster tokyo: cluster tokyo');
        }
      }
      expect([rebuilt.writes, closedIn(run.folder.journal)]).to.deep.equal([0, []]);
      outside.user = 'eve';
      const [other] = (await run.recover(away)).recoveries.flatMap(({ undone }) => undone);
      expect(other?.outcome.commands, 'none of what nobody vouches for').to.deep.equal([
        `faultline recover --run ${RUN}`,
      ]);
      expect(other?.outcome.first).to.match(/^run this first, in \/drills, .*: off$/);
    });

    it('is not taken for gone, whoever says so, where this machine could not ask', async () => {
      for (const isEphemeral of [true, false]) {
        const { run, outside } = await dead(isEphemeral);
        const cause = new Error('fetch failed', { cause: Object.assign(new Error('connect'), { code: 'EMFILE' }) });
        const own = failing(new FaultlineError('TARGET_UNREACHABLE', 'no answer', { cause }));
        for (const more of [{}, GONE]) {
          const all = await run.recover(own, more);
          expect([outside.isOn, outcomes(all), all.gone, all.ended]).to.deep.equal([true, ['nlb failed'], [], []]);
          expect(all.problems.join()).to.contain('trouble of this machine').and.not.contain('--accept-current');
        }
        if (isEphemeral) continue;
        let opened = 0;
        const elsewhere = await run.recover(() => (opened++ === 0 ? away() : own()), GONE);
        expect([outside.isOn, elsewhere.gone, closedIn(run.folder.journal)]).to.deep.equal([true, [], []]);
        expect(elsewhere.problems.join(), 'where another place could not be asked').to.contain('no answer');
      }
    });

    it('is not offered to be taken for gone where nobody could have credentials for it', async () => {
      const { run } = await dead(false);
      const all = await run.recover(failing(new CredentialsError('its plugin ended with exit code 1', {})));
      expect(outcomes(all)).to.deep.equal(['nlb failed']);
      expect(all.problems.join()).to.contain('see to its credentials').and.not.contain('--accept-current');
    });

    it('prints no command that holds a credential, here or where the cluster is gone', async () => {
      const { run, outside } = await dead(false, ['off', '--password', 'hunter2hunter2']);
      outside.offCode = 4;
      for (const more of [{}, GONE]) {
        const all = await run.recover(away, more);
        expect(outcomes(all)[0]).to.equal('nlb failed');
        expect(JSON.stringify(all)).to.not.contain('hunter2');
        const [one] = all.recoveries.flatMap(({ undone }) => undone);
        expect(one?.outcome.commands.length).to.equal(1);
        expect(one?.outcome.detail).to.contain('a command that holds a credential is not printed');
      }
      outside.user = 'eve';
      const other = await run.recover(away);
      expect(JSON.stringify(other)).to.contain('run this first, in /drills').and.not.contain('hunter2');
    });

    it('is closed with all that was in it when a person says that it is gone, what outlives it undone first', async () => {
      const { run, outside } = await dead(false);
      const rebuilt = Object.assign(new BenchRun().cluster, {
        identity: async () => ({ uid: 'another', server: '', version: '' }),
      });
      const all = await run.recover(() => rebuilt, GONE);
      expect([outside.isOn, outcomes(all), all.problems]).to.deep.equal([false, ['nlb undone', 'swap undone'], []]);
      expect(all.gone.map(({ runId, cluster }) => [runId, cluster])).to.deep.equal([[RUN, 'tokyo']]);
      expect([rebuilt.writes, rebuilt.requests], 'nothing is asked of the other one').to.deep.equal([0, 0]);
      const swap = all.recoveries.flatMap(({ undone }) => undone).find(({ fault }) => fault === 'swap');
      expect(swap?.outcome.objects.map(({ state, kind }) => [state, kind])).to.deep.equal([['gone', 'Deployment']]);
      expect(swap?.outcome.detail).to.contain('gone with cluster tokyo, as was accepted');
      const { entries } = readJournal(run.folder.journal);
      expect(entries.at(-1)).to.deep.include({ state: 'released', cluster: 'tokyo' });
      expect((await run.recover(() => rebuilt)).problems, 'for good').to.deep.equal([]);
    });

    it('stays open where what outlives it cannot be undone', async () => {
      const { run, outside } = await dead(false);
      outside.offCode = 4;
      const all = await run.recover(away, GONE);
      expect([outside.isOn, outcomes(all), all.recoveries.map(isClean)]).to.deep.equal([
        true,
        ['nlb failed', 'swap undone'],
        [false],
      ]);
      const [one] = all.recoveries.flatMap(({ undone }) => undone);
      expect(one?.outcome.commands).to.deep.equal(['cd /drills && off', GONE_COMMAND]);
      outside.offCode = 0;
      expect(outcomes(await run.recover(away, GONE))).to.deep.equal(['nlb undone']);
    });

    it('of another user is closed by name beside its cluster', async () => {
      const { run, outside } = await dead(false);
      outside.user = 'eve';
      const all = await run.recover(away, GONE);
      const [one] = all.recoveries.flatMap(({ undone }) => undone);
      const job = `default/job/faultline-${RUN}-nlb`;
      expect(one?.outcome.keep).to.deep.equal([
        `faultline recover --run ${RUN} --accept-current --only ${job} --only cluster/tokyo`,
      ]);
      const accepted = await run.recover(away, { accept: { only: [job, 'Cluster/Tokyo'] } });
      expect([outcomes(accepted), accepted.recoveries.map(isClean)]).to.deep.equal([['nlb undone'], [true]]);
    });

    it('is not taken for gone where an API server answers, or the cluster does, here or at another place', async () => {
      const { run, outside } = await dead(false);
      outside.ran.length = 0;
      const what = { status: 403, reason: 'Forbidden' };
      const denied = await run.recover(failing(new KubeApiError('PERMISSION_DENIED', what, '403 no')), GONE);
      expect(denied.problems.join()).to.contain('it is not taken for gone');
      const isElsewhere = async (uid: string) => uid === 'uid-of-tokyo';
      const moved = await run.recover(away, { ...GONE, isElsewhere });
      expect(moved.problems.join()).to.match(
        /it is not gone: a cluster of its kube-system UID uid-of-tokyo .* Have context \S+ of kubeconfig lead to it/,
      );
      const other = new DyingRun(mkdtempSync(join(out, 'other-')), '20261123t090000z-test');
      await other.dieBefore('the end');
      const { entries } = readJournal(other.folder.journal);
      expect(entries.length).to.be.above(0);
      let opened = 0;
      const once = () => (opened++ === 0 ? away() : run.bench.cluster);
      const known = await run.recover(once, { ...GONE, folders: [run.folder, other.folder] });
      expect(known.problems.join(), 'where another journal has it').to.contain('it is not gone');
      for (const all of [denied, moved, known]) expect([all.gone, outcomes(all)]).to.deep.equal([[], ['nlb failed']]);
      expect([outside.ran, closedIn(run.folder.journal)]).to.deep.equal([[], []]);
      const bad = { status: 503, reason: undefined };
      const gateway = await run.recover(failing(new KubeApiError('KUBE_API', bad, '503')), GONE);
      expect(gateway.problems, 'what stands before it is not the cluster').to.deep.equal([]);
    });

    it('is recovered as always where it answers after all', async () => {
      const { run, outside } = await dead(false);
      const all = await run.recover(undefined, GONE);
      expect([outside.isOn, run.isAsBefore(), all.gone]).to.deep.equal([false, true, []]);
      expect(outcomes(all).sort()).to.deep.equal(['nlb undone', 'swap undone']);
    });
  });

  it('is not undone again where its run has closed it meanwhile', async () => {
    const { run, outside } = await dead(true);
    outside.ran.length = 0;
    const outcome = { state: 'undone', detail: '', objects: [], commands: [] } as const;
    const closing = (): Cluster => {
      run.note([{ state: 'closed', fault: 'nlb', outcome, wall: '' }]);
      return away();
    };
    expect([outcomes(await run.recover(closing)), outside.ran]).to.deep.equal([['nlb undone'], []]);
    expect(closedIn(run.folder.journal), 'by its run').to.deep.equal(['nlb']);
  });

  it('of a run with several folders reads each, and undoes nothing twice', async () => {
    const { run, outside } = await dead(true);
    const copy = runFolder(`${run.folder.path} (1)`);
    cpSync(run.folder.path, copy.path, { recursive: true });
    outside.ran.length = 0;
    const all = await run.recover(away, { folders: [run.folder, copy] });
    expect([outcomes(all), outside.ran]).to.deep.equal([['nlb undone', 'nlb undone'], ['off']]);
    expect(run.said[0]).to.contain(`run ${RUN} has 2 run folders, each of which is read`);
    expect([run.folder, copy].map(({ journal }) => closedIn(journal))).to.deep.equal([['nlb'], ['nlb']]);
  });

  it('believes no copy that knows nothing of it, however long', async () => {
    const { run, outside } = await dead(true);
    const copy = new DyingRun(mkdtempSync(join(out, 'copy-')));
    const { entries } = readJournal(run.folder.journal);
    copy.note(entries.filter((entry) => entry.state !== 'intent' || entry.plan.kind !== 'hook'));
    copy.note(entries.filter(({ state }) => state === 'applied'));
    await run.recover(away, { folders: [run.folder, copy.folder] });
    expect(outside.isOn).to.equal(false);
  });

  it('believes no copy that tells less', async () => {
    const { run, outside } = await dead(true);
    const copy = runFolder(`${run.folder.path} (1)`);
    cpSync(run.folder.path, copy.path, { recursive: true });
    await run.recover(away, { folders: [copy] });
    outside.isOn = true;
    const entry = readJournal(run.folder.journal).entries.find(({ state }) => state === 'applied');
    run.note(Array.from({ length: 5 }, () => entry as JournalEntry));
    await run.recover(away, { folders: [run.folder, copy] });
    expect(outside.isOn, 'this one goes on further, and has it open').to.equal(false);
  });
});
