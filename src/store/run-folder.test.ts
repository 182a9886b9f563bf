import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { FaultlineError } from '../model/errors.ts';
import { everythingBelow } from './folder-tree.ts';
import {
  createRunFolder,
  createRunsFolder,
  hasBegun,
  listRunFolders,
  newRunId,
  pointLatest,
  removeRunFolder,
  runFolder,
  writeWhole,
} from './run-folder.ts';

const ID = '20261122t090000z-aaaa';

function refused(act: () => unknown): FaultlineError {
  try {
    act();
  } catch (error) {
    if (error instanceof FaultlineError) return error;
    throw error;
  }
  throw new Error('it was to be refused');
}

describe('the folder of a run', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'faultline-folder-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('has its files by their names, and is not made by naming it', () => {
    const folder = runFolder(join(dir, ID));
    expect(Object.values(folder).map((path) => path.slice(dir.length + ID.length + 2))).to.deep.equal([
      '',
      'history.ndjson',
      'requests.ndjson',
      'journal.ndjson',
      'result.json',
      'report.html',
      'junit.xml',
      'summary.md',
    ]);
    expect(existsSync(folder.path)).to.equal(false);
    expect(runFolder('reports/x').path).to.equal(resolve('reports/x'));
  });

  it('is made with every folder above it, and for its owner only', () => {
    const { path } = createRunFolder(join(dir, 'a', 'b'), ID);
    expect(path).to.equal(join(dir, 'a', 'b', ID));
    expect(statSync(path).mode & 0o777).to.equal(0o700);
    expect(readdirSync(join(dir, 'a', 'b'))).to.deep.equal([ID]);
  });

  it('is the latest one when its run has begun', () => {
    pointLatest(createRunFolder(dir, ID));
    expect(readlinkSync(join(dir, 'latest'))).to.equal(ID);
    rmSync(join(dir, 'latest'));
    mkdirSync(join(dir, 'latest'));
    const error = refused(() => pointLatest(runFolder(join(dir, ID))));
    expect(error.message).to.contain(`${join(dir, ID)}: cannot be created: `);
    expect(readdirSync(dir).sort(), 'nothing else is left').to.deep.equal([ID, 'latest']);
  });

  it('is that of a run that has begun where it has a journal, or a history whose journal somebody has taken away', () => {
    const folder = createRunFolder(dir, ID);
    expect(hasBegun(folder)).to.equal(false);
    writeFileSync(`${folder.journal}.tmp`, 'a beginning');
    writeFileSync(folder.history, '');
    expect(hasBegun(folder)).to.equal(false);
    writeFileSync(folder.history, '{}\n');
    expect(hasBegun(folder), 'a history alone').to.equal(true);
    rmSync(folder.history);
    writeFileSync(folder.journal, '');
    expect(hasBegun(folder), 'a journal alone').to.equal(true);
    removeRunFolder(folder);
    expect(readdirSync(dir)).to.deep.equal([]);
    removeRunFolder(folder);
  });

  it('may be that of a run that has begun where nobody can look', () => {
    const folder = createRunFolder(dir, ID);
    symlinkSync(folder.history, folder.history);
    expect(hasBegun(folder)).to.equal(true);
    const other = '20261123t090000z-aaaa';
    symlinkSync(join(dir, other), join(dir, other));
    symlinkSync(join(dir, 'nowhere'), join(dir, '20261124t090000z-aaaa'));
    expect(listRunFolders(dir).map(({ path }) => path)).to.deep.equal([join(dir, ID), join(dir, other)]);
  });

  it('is refused where a file stands in its way', () => {
    writeFileSync(join(dir, 'file'), '');
    const error = refused(() => createRunFolder(join(dir, 'file'), ID));
    expect(error.code).to.equal('RUN_FOLDER');
    expect(error.message).to.contain(`${join(dir, 'file', ID)}: cannot be created: `);
    expect(error.hint).to.equal('Name a folder that can be written: --out DIR');
  });

  /** The folder of a run that has begun. */
  function begun(out: string, name: string): string {
    const folder = createRunFolder(out, name);
    writeFileSync(folder.journal, '');
    return folder.path;
  }

  const found = (out: string): string[] => listRunFolders(out).map(({ path }) => path);

  it('is found among others, oldest first', () => {
    const ids = ['20261123t090000z-aaaa', ID, '20261122t090000z-bbbbb'];
    for (const id of ids) begun(dir, id);
    for (const name of ['sample', `${ID}.old`, `x${ID}`, '20261122t090000z-abc', '20261124t090000z-aaaa']) {
      mkdirSync(join(dir, name));
    }
    writeFileSync(join(dir, '20261125t090000z-aaaa'), 'a file');
    expect(found(dir).map((path) => path.slice(dir.length + 1))).to.deep.equal([
      ID,
      '20261122t090000z-bbbbb',
      '20261123t090000z-aaaa',
    ]);
    expect(listRunFolders(join(dir, 'nobody'))).to.deep.equal([]);
    writeFileSync(join(dir, 'file'), '');
    const error = refused(() => listRunFolders(join(dir, 'file')));
    expect(error.code, 'nobody can look').to.equal('RUN_FOLDER');
    expect(error.message).to.contain(`${join(dir, 'file')}: cannot be read: ENOTDIR`);
    expect(error.hint).to.contain('faultline recover --scan');
  });

  it('is known by its journal, whatever its name is, and without one by a run id in its name', () => {
    const named = [`${ID} (1)`, 'kept', `old-${ID}`].map((name) => begun(dir, name));
    for (const name of [`copy of ${ID}`, 'fixture', `x${ID}`]) {
      mkdirSync(join(dir, name));
      writeFileSync(runFolder(join(dir, name)).history, '{}\n');
    }
    expect(found(dir).sort()).to.deep.equal([...named, join(dir, `copy of ${ID}`)].sort());
  });

  it('may be the one that is named, or lie in another one', () => {
    const outer = begun(dir, ID);
    const inner = begun(outer, '20261126t090000z-aaaa');
    const deeper = begun(join(outer, 'script', 'b'), 'kept');
    expect(found(dir).sort()).to.deep.equal([outer, inner, deeper].sort());
    expect(found(inner)).to.deep.equal([inner]);
    symlinkSync(ID, join(dir, 'latest'));
    expect(
      found(join(dir, 'latest'))
        .map((path) => realpathSync(path))
        .sort(),
    ).to.deep.equal([outer, inner, deeper].map((path) => realpathSync(path)).sort());
  });

  it('is found however deep, but not behind a link or among what programs keep', () => {
    const square = join(dir, 'matrix-20261122t090000z-many', 'multi-region-zone');
    const all = [begun(square, ID), begun(join(dir, 'a', 'b', 'c'), '20261123t090000z-aaaa')];
    const elsewhere = mkdtempSync(join(tmpdir(), 'faultline-elsewhere-'));
    begun(elsewhere, '20261124t090000z-aaaa');
    symlinkSync(elsewhere, join(dir, 'link'));
    symlinkSync('..', join(square, 'up'));
    begun(join(dir, 'node_modules', 'x'), '20261125t090000z-aaaa');
    expect(found(dir)).to.deep.equal(all);
    expect(found(square)).to.deep.equal([all[0]]);
    rmSync(elsewhere, { recursive: true });
  });

  it('is found once where a link leads to it, also to one that was put elsewhere', () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'faultline-elsewhere-'));
    const here = begun(dir, ID);
    symlinkSync(ID, join(dir, 'latest'));
    symlinkSync(begun(elsewhere, 'moved'), join(dir, 'away'));
    expect(found(dir).sort()).to.deep.equal([here, join(dir, 'away')].sort());
    rmSync(elsewhere, { recursive: true });
  });

  it('is not looked for in a whole disk', () => {
    for (const name of ['a', 'b', 'c']) mkdirSync(join(dir, name));
    createRunFolder(dir, ID);
    expect([...everythingBelow(dir, 4)]).to.have.length(5);
    const error = refused(() => [...everythingBelow(dir, 3)]);
    expect([error.code, error.message]).to.deep.equal(['RUN_FOLDER', `${dir}: more than 3 folders are below it`]);
    mkdirSync(join(dir, ID, 'script'));
    expect(
      [...everythingBelow(dir, 4)],
      'what a run has put right in its folder counts no more than that',
    ).to.have.length(6);
    for (const name of ['a', 'b', 'c']) mkdirSync(join(dir, ID, 'script', name));
    expect(refused(() => [...everythingBelow(dir, 6)]).code).to.equal('RUN_FOLDER');
    expect([...everythingBelow(dir, 7)]).to.have.length(9);
  });

  it('is beside one for what several runs have in common', () => {
    const out = join(dir, 'a', 'b');
    const path = createRunsFolder(out, 'x');
    expect(path).to.equal(join(out, 'runs-x'));
    expect(statSync(path).isDirectory()).to.equal(true);
    createRunsFolder(out, 'y');
    expect(readlinkSync(join(out, 'latest-runs'))).to.equal('runs-y');
    expect(listRunFolders(out)).to.deep.equal([]);
  });

  it('is named by its time in UTC and by chance', () => {
    const wall = new Date('2026-01-02T03:04:05.678Z');
    expect(newRunId(wall, () => 0)).to.equal('20260102t030405z-0000');
    expect(newRunId(wall, () => 0.999_999_999)).to.equal('20260102t030405z-zzzz');
    expect(newRunId(wall, () => 1 / 36 ** 4)).to.equal('20260102t030405z-0001');
  });
});

describe('a file that is written whole', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'faultline-whole-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('takes the place of the one before, and leaves nothing beside it', () => {
    const path = join(dir, 'result.json');
    writeWhole(path, 'old');
    writeWhole(path, 'new');
    expect(readdirSync(dir)).to.deep.equal(['result.json']);
    expect(statSync(path).mode & 0o777).to.equal(0o600);
  });

  it('is not there where it cannot be, and nothing of it is left', () => {
    const path = join(dir, 'result.json');
    mkdirSync(path);
    writeFileSync(join(path, 'x'), '');
    const error = refused(() => writeWhole(path, 'new'));
    expect(error.code).to.equal('RUN_FOLDER');
    expect(error.message).to.contain(`${path}: cannot be written: `).and.to.not.contain('.tmp');
    expect(error.hint).to.contain('has room');
    expect(readdirSync(dir)).to.deep.equal(['result.json']);
  });

  it('says so where a file stands in the place of its folder, too', () => {
    const file = join(dir, 'file');
    writeFileSync(file, '');
    const error = refused(() => writeWhole(join(file, 'result.json'), 'new'));
    expect([error.code, error.message]).to.deep.equal([
      'RUN_FOLDER',
      `${join(file, 'result.json')}: cannot be written: ENOTDIR: not a directory`,
    ]);
  });
});
