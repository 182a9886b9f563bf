import fs, { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createJournal } from './journal-file.ts';
import { fillDisk } from './testing/full-disk.ts';

const OPENED = { state: 'opened', runId: 'r', clusters: [], plans: [], wall: '2026-11-22T09:00:00.000Z' } as const;

describe('the beginning of a journal', () => {
  const real = { fsyncSync: fs.fsyncSync };
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'faultline-journal-'));
    path = join(folder, 'journal.ndjson');
  });

  afterEach(() => {
    Object.assign(fs, real);
    syncBuiltinESMExports();
    rmSync(folder, { recursive: true });
  });

  it('is there with its first entry, on the disk, or not at all; its name follows', () => {
    const lines: (number | 'none')[] = [];
    const fsyncSync = (fd: number) => {
      lines.push(existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 'none');
      real.fsyncSync(fd);
    };
    Object.assign(fs, { fsyncSync });
    syncBuiltinESMExports();
    createJournal(path, OPENED).close();
    expect(lines).to.deep.equal(['none', 1]);
  });

  it('can be read by its owner alone: it holds what the undo needs, credentials of a workload included', () => {
    createJournal(path, OPENED).close();
    expect(statSync(path).mode & 0o777).to.equal(0o600);
  });

  it('is not there where the disk has no room for it', () => {
    const free = fillDisk(9);
    expect(() => createJournal(path, OPENED)).to.throw(`disk full: ${path}`);
    free();
    expect(readdirSync(folder), 'nor what stands in for it').to.deep.equal([]);
  });
});
