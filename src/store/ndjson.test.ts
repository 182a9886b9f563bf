import {
  appendFileSync,
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Disk } from '../run/testing/crash/disk.ts';
import { endsTorn, openLineFile, readLines, syncFolder, unwritableText } from './ndjson.ts';
import { fillDisk } from './testing/full-disk.ts';

describe('a file of lines', () => {
  let dir: string;
  let path: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'faultline-lines-'));
    path = join(dir, 'x.ndjson');
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('is added to, and what it held stays', () => {
    writeFileSync(path, 'first\n');
    const file = openLineFile(path);
    file.append('ü\u2028', true);
    file.append('{}', false);
    file.close();
    expect(readFileSync(path, 'utf8')).to.equal('first\nü\u2028\n{}\n');
  });

  it('is made for its owner only', () => {
    openLineFile(path).close();
    expect(statSync(path).mode & 0o777).to.equal(0o600);
  });

  it('has nothing of a line that the disk has no room for, and takes the next one', () => {
    const file = openLineFile(path);
    file.append('first', true);
    const free = fillDisk(4);
    expect(() => file.append('second', true)).to.throw('ENOSPC');
    free();
    expect(readFileSync(path, 'utf8')).to.equal('first\n');
    file.append('third', true);
    file.close();
    expect(readFileSync(path, 'utf8')).to.equal('first\nthird\n');
  });

  it('is said to be on a full disk where that is why, else with what the system says', () => {
    expect(unwritableText('/x', 'ENOSPC: no space left on device, write')).to.equal('disk full: /x');
    expect(unwritableText('/x', 'EDQUOT: disk quota exceeded, write')).to.equal('disk full: /x');
    expect(unwritableText('/x', 'EIO: i/o error, write')).to.equal('/x: cannot be written: EIO: i/o error, write');
  });

  it('takes nothing more once it is closed, though its number is another file’s by then', () => {
    const file = openLineFile(path);
    file.append('mine', true);
    file.close();
    const other = join(dir, 'other');
    const fd = openSync(other, 'w');
    try {
      expect(() => file.append('lost', true)).to.throw('closed already');
      expect(() => file.close()).to.not.throw();
      appendFileSync(fd, 'still open');
    } finally {
      closeSync(fd);
    }
    expect(readFileSync(other, 'utf8')).to.equal('still open');
    expect(readLines(path)).to.deep.equal(['mine']);
  });

  it('gives its number back when it is closed, and so does its folder', () => {
    const number = openSync(join(dir, 'other'), 'w');
    closeSync(number);
    openLineFile(path).close();
    syncFolder(dir);
    const next = openSync(join(dir, 'other'), 'w');
    closeSync(next);
    expect(next).to.equal(number);
  });

  it('is on the disk as soon as a line is to be durable, and not waited for before', () => {
    const disk = new Disk();
    try {
      const file = openLineFile(path);
      file.append('a', false);
      expect(disk.after(path)).to.equal(undefined);
      file.append('b', true);
      expect(disk.after(path)).to.equal('a\nb\n');
      file.close();
    } finally {
      disk.end();
    }
  });

  it('is torn where its last line has no end, however short that is', () => {
    const torn = ['', '\n', 'a\n', 'x', 'a\nx'].map((text) => {
      writeFileSync(path, text);
      return endsTorn(path);
    });
    expect(torn).to.deep.equal([false, false, false, true, true]);
  });

  it('is read without its empty lines, and without a last one that was torn', () => {
    writeFileSync(path, '\na\n\nb\n\nc');
    expect(readLines(path)).to.deep.equal(['a', 'b']);
    writeFileSync(path, '');
    expect(readLines(path)).to.deep.equal([]);
  });
});
