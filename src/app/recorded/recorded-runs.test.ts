import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect } from 'chai';
import type { FaultPlan } from '../../model/fault.ts';
import type { JournalCluster } from '../../model/journal.ts';
import type { RunResult } from '../../model/result.ts';
import { serializeResult } from '../../report/index.ts';
import { FIXTURES } from '../../report/testing/results/index.ts';
import { createJournal } from '../../store/journal-file.ts';
import { recordedRun } from '../../trend/recorded-run.ts';
import { findRuns as find } from './recorded-runs.ts';

const findRuns = (paths: readonly string[]) => find(paths, recordedRun);

const pass = FIXTURES.pass as RunResult;

describe('recorded runs', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'faultline-runs-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  function put(path: string, text: string): void {
    mkdirSync(join(dir, path, '..'), { recursive: true });
    writeFileSync(join(dir, path), text);
  }

  const result = (runId: string, changes: Partial<RunResult> = {}): string =>
    serializeResult({ ...pass, ...changes, run: { ...pass.run, runId } });
  const names = (paths: readonly string[]): string[] => paths.map((path) => relative(dir, path));

  it('are found in run folders, in unpacked artifacts and as named files, each once', () => {
    put('reports/a/result.json', result('a'));
    symlinkSync('a', join(dir, 'reports/latest'));
    put('artifacts/nightly-7/reports/b/result.json', result('b', { startedAt: '2020-01-01T00:00:00.000Z' }));
    put('artifacts/nightly-8/result.json', result('a'));
    put('other/kept.json', result('c'));
    const { runs, repeated, unreadable } = findRuns([
      join(dir, 'reports'),
      join(dir, 'artifacts'),
      join(dir, 'other/kept.json'),
    ]);
    expect(runs.map(({ runId }) => runId)).to.deep.equal(['b', 'a', 'c']);
    expect(names(repeated)).to.deep.equal(['artifacts/nightly-8/result.json']);
    expect(unreadable).to.deep.equal([]);
    expect(findRuns([join(dir, 'reports/latest')]).runs.map(({ runId }) => runId)).to.deep.equal(['a']);
  });

  it('are found in the folder of another run as well, whose own files beside its record are none', () => {
    const outer = '20261122t090000z-outer';
    put(`${outer}/result.json`, result('outer'));
    put(`${outer}/20261122t090001z-inner (1)/journal.ndjson`, '');
    put(`${outer}/20261122t090001z-inner (1)/result.json`, result('inner'));
    put(`${outer}/script/result.json`, '{"a": "fixture"}');
    put(`${outer}/script/data/users.zip`, 'PK');
    symlinkSync(tmpdir(), join(dir, outer, 'script/link'));
    const { runs, unreadable } = findRuns([dir]);
    expect([runs.map(({ runId }) => runId), unreadable]).to.deep.equal([['inner', 'outer'], []]);
  });

  it('that cannot be read are told, never left out', () => {
    put('a/result.json', result('a'));
    put('b/result.json', result('b').slice(0, 5000));
    put('c/history.ndjson', '{}\n');
    put('j/history.ndjson', '');
    put('d/result.json', '{"ok": true}');
    put('e/result.json', result('a', { reason: 'another' }));
    put('f/nightly.ZIP', 'PK');
    put('g/notes.txt', 'nothing to do with it');
    symlinkSync(tmpdir(), join(dir, 'h'));
    symlinkSync('.', join(dir, 'i'));
    symlinkSync('gone', join(dir, 'latest'));
    const { runs, unreadable } = findRuns([dir]);
    expect(runs).to.have.length(1);
    expect(
      unreadable.map(({ path, problem }) => `${relative(dir, path)}: ${problem}`.replaceAll(dir, '')),
    ).to.deep.equal([
      'b/result.json: not JSON: torn, or something else',
      'c: a run without result.json, which makes it: faultline analyze /c',
      'd/result.json: not a result of faultline',
      'e/result.json: another result of the run a than /a/result.json',
      'f/nightly.ZIP: an archive: unpack it first',
      'h: a symbolic link out of the folder: name its target as well',
    ]);
  });

  it('are read beside what nobody can look into, which is named', () => {
    put('b/result.json', result('b'));
    symlinkSync('a', join(dir, 'a'));
    const { runs, unreadable } = findRuns([dir]);
    expect(runs.map(({ runId }) => runId)).to.deep.equal(['b']);
    expect(names(unreadable.map(({ path }) => path))).to.deep.equal(['a']);
    expect(unreadable[0]?.problem).to.contain('cannot be read: ELOOP');
  });

  it('are missed where there are none, or no such path', () => {
    expect(() => findRuns([dir])).to.throw(/no run found/);
    expect(() => findRuns([join(dir, 'nowhere')])).to.throw(/nowhere/);
  });

  it('that have left something say so until their journal says that it was undone', () => {
    const left = result('a', { exitCode: 5, putBack: { ...pass.putBack, state: 'incomplete' } });
    put('a/result.json', left);
    const leftBehind = () => names(findRuns([dir]).leftBehind);
    expect(leftBehind()).to.deep.equal(['a/result.json']);
    const wall = '2026-11-22T09:00:00.000Z';
    const journal = createJournal(join(dir, 'a/journal.ndjson'), {
      state: 'opened',
      runId: 'a',
      clusters: [],
      plans: [],
      wall,
    });
    const plan = { fault: 'down', cluster: 'tokyo' } as FaultPlan;
    journal.append({ state: 'intent', runId: 'a', plan, cluster: { name: 'tokyo' } as JournalCluster, wall });
    expect(leftBehind()).to.deep.equal(['a/result.json']);
    const outcome = { state: 'undone', detail: '', objects: [], commands: [] } as const;
    journal.append({ state: 'closed', fault: 'down', outcome, wall });
    journal.close();
    expect(leftBehind()).to.deep.equal([]);
  });
});
