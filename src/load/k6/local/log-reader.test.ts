import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Words } from '../records/script-log.ts';
import { Tail } from './log-reader.ts';

describe('load/k6/console/tail: a file that grows', () => {
  let folder = '';
  let lines: string[] = [];
  let file = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-tail-'));
    file = join(folder, 'console.log');
    lines = [];
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is empty before it is there, then read from its beginning, each line once', async () => {
    const tail = new Tail(file, (line) => lines.push(line));
    await tail.read();
    await writeFile(file, 'one\ntwo\n');
    await tail.read();
    await tail.read();
    await appendFile(file, '\nthree\n');
    await tail.read();
    expect(lines).to.deep.equal(['one', 'two', '', 'three']);
  });

  it('tells a line when it is whole, whatever it is cut between', async () => {
    const tail = new Tail(file, (line) => lines.push(line));
    const text = Buffer.from('grün → 🜲\nrest');
    for (const byte of text) {
      await appendFile(file, Buffer.of(byte));
      await tail.read();
    }
    expect(lines).to.deep.equal(['grün → 🜲']);
    await appendFile(file, ' of it\n');
    await tail.read();
    expect(lines).to.deep.equal(['grün → 🜲', 'rest of it']);
  });

  it('reads more than one piece at a time, in order', async () => {
    const tail = new Tail(file, (line) => lines.push(line));
    const long = Array.from({ length: 3000 }, (_, i) => `${i} ${'ü'.repeat(500)}`);
    await writeFile(file, `${long.join('\n')}\n`);
    await tail.read();
    expect(lines.length).to.equal(3000);
    expect(lines.every((line, i) => line === long[i])).to.equal(true);
  });

  it('reads once at a time, however often it is asked', async () => {
    const tail = new Tail(file, (line) => lines.push(line));
    await writeFile(file, 'one\n');
    await Promise.all([tail.read(), tail.read(), tail.read()]);
    expect(lines).to.deep.equal(['one']);
  });

  it('rejects where it cannot read, and can be asked again', async () => {
    const tail = new Tail(file, (line) => lines.push(line));
    await mkdir(file);
    const codeOf = (error: NodeJS.ErrnoException) => error.code;
    expect(await tail.read().catch(codeOf)).to.equal('EISDIR');
    await writeFile(join(folder, 'file'), '');
    const below = new Tail(join(folder, 'file', 'console.log'), () => {});
    expect(await below.read().catch(codeOf)).to.equal('ENOTDIR');
    await rm(file, { recursive: true });
    await writeFile(file, 'one\n');
    await tail.read();
    expect(lines).to.deep.equal(['one']);
  });
});

describe('load/k6/console/words: what a script has said', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-words-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const kept = () => readFile(join(folder, 'k6.log'), 'utf8').catch(() => undefined);

  it('is kept beside the records, and only where something was said', async () => {
    const words = new Words(join(folder, 'requests.ndjson'));
    await words.save();
    expect(await kept()).to.equal(undefined);
    words.add('hello');
    words.add('world');
    await words.save();
    words.add('again');
    await words.save();
    expect(await kept()).to.equal('hello\nworld\nagain\n');
  });

  it('holds no secret', async () => {
    const words = new Words(join(folder, 'requests.ndjson'), ['s3cret']);
    words.add('sent with s3cret');
    await words.save();
    expect(await kept()).to.equal('sent with [redacted]\n');
  });

  it('is no reason for a run to fail where it cannot be kept', async () => {
    const words = new Words(join(folder, 'nowhere', 'requests.ndjson'));
    words.add('hello');
    await words.save();
    expect(await kept()).to.equal(undefined);
  });

  it('is cut where it is too much, and says so once', async () => {
    const words = new Words(join(folder, 'requests.ndjson'));
    for (let i = 0; i < 11; i += 1) words.add('x'.repeat(99_999));
    await words.save();
    words.add('more');
    await words.save();
    const text = (await kept()) ?? '';
    expect(text.length).to.be.within(1_000_000, 1_048_576);
    expect(text.endsWith('\nwhat came after this was not kept\n')).to.equal(true);
    expect(text.match(/not kept/g)).to.have.length(1);
  });
});
