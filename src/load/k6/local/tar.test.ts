import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { tarEntries } from './tar.ts';

/** One entry of an archive: header and content, each in whole blocks. */
function entry(name: string, type: string, content = '', prefix = ''): Buffer {
  const body = Buffer.from(content);
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write(type, 156);
  header.write(prefix, 345);
  return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

/** A PAX record, with its own length in bytes before it. */
function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  const length = bytes + String(bytes + String(bytes).length).length;
  return `${length}${rest}`;
}

describe('load/k6/local/tar', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-tar-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function entries(...parts: Buffer[]) {
    const file = join(folder, 'a.tar');
    await writeFile(file, Buffer.concat(parts));
    return tarEntries(file);
  }

  const END = Buffer.alloc(1024);

  it('lists files and links, and where their bytes are', async () => {
    const found = await entries(
      entry('a', '0', 'x'.repeat(513)),
      entry('d', '5'),
      entry('b', '1'),
      entry('c', '0', 'y'),
      END,
    );
    expect(found).to.deep.equal([
      { name: 'a', at: 512, size: 513 },
      { name: 'b', at: 2560, size: 0 },
      { name: 'c', at: 3072, size: 1 },
    ]);
  });

  it('knows names that are long or not ASCII, each for the one entry after it', async () => {
    const long = `${'é𝒳'.repeat(90)}/a=b c`;
    const records = record('mtime', '1.5') + record('path', long);
    const found = await entries(entry('h', 'x', records), entry('cut', '0'), entry('b', '0', '', 'deep/er'), END);
    expect(found.map(({ name }) => name)).to.deep.equal([long, 'deep/er/b']);
  });

  it('ends where the archive does, also without its end', async () => {
    expect(await entries()).to.deep.equal([]);
    expect((await entries(entry('a', '0'))).map(({ name }) => name)).to.deep.equal(['a']);
    expect((await entries(entry('h', 'x', 'nonsense'), entry('a', '0'), END)).map(({ name }) => name)).to.deep.equal([
      'a',
    ]);
  });
});
