import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { LogReader } from './log-reader.ts';

describe('load/k6/local/log-reader: a file that grows', () => {
  let folder = '';
  let lines: string[] = [];
  let file = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-reader-'));
    file = join(folder, 'console.log');
    lines = [];
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is empty before it is there, then read from its beginning, each line once', async () => {
    const reader = new LogReader(file, (line) => lines.push(line));
    await reader.read();
    await writeFile(file, 'one\ntwo\n');
    await reader.read();
    await reader.read();
    await appendFile(file, '\nthree\n');
    await reader.read();
    expect(lines).to.deep.equal(['one', 'two', '', 'three']);
  });

  it('tells a line when it is whole, whatever it is cut between', async () => {
    const reader = new LogReader(file, (line) => lines.push(line));
    const text = Buffer.from('grün → 🜲\nrest');
    for (const byte of text) {
      await appendFile(file, Buffer.of(byte));
      await reader.read();
    }
    expect(lines).to.deep.equal(['grün → 🜲']);
    await appendFile(file, ' of it\n');
    await reader.read();
    expect(lines).to.deep.equal(['grün → 🜲', 'rest of it']);
  });

  it('reads more than one piece at a time, in order', async () => {
    const reader = new LogReader(file, (line) => lines.push(line));
    const long = Array.from({ length: 3000 }, (_, i) => `${i} ${'ü'.repeat(500)}`);
    await writeFile(file, `${long.join('\n')}\n`);
    await reader.read();
    expect(lines.length).to.equal(3000);
    expect(lines.every((line, i) => line === long[i])).to.equal(true);
  });

  it('reads once at a time, however often it is asked', async () => {
    const reader = new LogReader(file, (line) => lines.push(line));
    await writeFile(file, 'one\n');
    await Promise.all([reader.read(), reader.read(), reader.read()]);
    expect(lines).to.deep.equal(['one']);
  });

  it('rejects where it cannot read, and can be asked again', async () => {
    const reader = new LogReader(file, (line) => lines.push(line));
    await mkdir(file);
    const codeOf = (error: NodeJS.ErrnoException) => error.code;
    expect(await reader.read().catch(codeOf)).to.equal('EISDIR');
    await writeFile(join(folder, 'file'), '');
    const below = new LogReader(join(folder, 'file', 'console.log'), () => {});
    expect(await below.read().catch(codeOf)).to.equal('ENOTDIR');
    await rm(file, { recursive: true });
    await writeFile(file, 'one\n');
    await reader.read();
    expect(lines).to.deep.equal(['one']);
  });
});
