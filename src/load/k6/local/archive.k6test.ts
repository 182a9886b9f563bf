import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { loadedFiles } from './archive.ts';

const binary = process.env.FAULTLINE_STOCK_K6 ?? '';

describe('load/k6/local/archive: what k6 loads of a script', function () {
  this.timeout(30_000);
  let top = '';
  let folder = '';
  const temporary = process.env.TMPDIR;
  beforeEach(async () => {
    top = await mkdtemp(join(tmpdir(), 'faultline-archive-'));
    folder = join(top, 'drill');
    process.env.TMPDIR = join(top, 'tmp');
    await mkdir(process.env.TMPDIR);
  });
  afterEach(async () => {
    if (temporary === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = temporary;
    expect(await readdir(join(top, 'tmp'))).to.deep.equal([]);
    await rm(top, { recursive: true });
  });

  async function write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
  }

  const MAIN = `import http from './faultline.ts';
import { b } from '../lib/b.ts';
export { options } from './faultline.ts';
enum E { A = 'da' }
const d = open(['..', E.A + 'ta', 'é 1.txt'].join('/'));
let c; try { c = require('crypto'); } catch (e) { c = require('./' + 'umd.js'); }
export default () => { http.get('/mock', { tags: { b, c, d } }); };`;
  const FILES = {
    'load/main.ts': MAIN,
    'load/umd.js': "module.exports = typeof open === 'function';",
    'lib/b.ts': "export const b: number = JSON.parse(open(import.meta.resolve('./b.json')));",
    'lib/b.json': '1',
    'data/é 1.txt': 'd',
    'unused.ts': '',
    // A run has its own, so it does not matter what stands in this one.
    'load/faultline.ts': 'nonsense (',
  };

  it('finds every module and file, computed names too, through links, and nothing else', async () => {
    await write(FILES);
    await rm(join(folder, 'lib', 'b.json'));
    await writeFile(join(top, 'b.json'), '1');
    await symlink(join(top, 'b.json'), join(folder, 'lib', 'b.json'));
    const { inside, elsewhere } = await loadedFiles(binary, folder, 'load/main.ts');
    expect(inside).to.have.members(['load/main.ts', 'load/umd.js', 'lib/b.ts', 'lib/b.json', 'data/é 1.txt']);
    expect(elsewhere).to.deep.equal([]);
  });

  it('finds what lies elsewhere', async () => {
    await write({ 'main.js': "open('/etc/' + 'hostname'); export default () => {};" });
    expect(await loadedFiles(binary, folder, 'main.js')).to.deep.equal({
      inside: ['main.js'],
      elsewhere: ['/etc/hostname'],
    });
  });

  it('says what k6 says of a script that cannot be loaded, by names that its author knows', async () => {
    const refusal = async (text: string) => {
      await write({ 'main.ts': text });
      return loadedFiles(binary, folder, 'main.ts').then(String, (error: Error) => error);
    };
    const missing = await refusal("open('./no' + 'ne.txt'); export default () => {};");
    expect(missing).to.include({ code: 'LOAD' });
    expect((missing as Error).message).to.match(/^k6 cannot load the script main\.ts: .*stat none\.txt: no such file/);
    expect((missing as Error).message).to.not.contain(top);
    expect(((await refusal("import 'lod' + 'ash'")) as Error).message).to.contain('main.ts');
    expect(((await refusal('export const a = 1;')) as Error).message).to.contain('main.ts has no default function');
  });

  it('gives a script nothing of the environment', async () => {
    process.env.FAULTLINE_SECRET = 'x';
    await write({ 'main.ts': "if (__ENV.FAULTLINE_SECRET) throw new Error('seen'); export default () => {};" });
    const loaded = await loadedFiles(binary, folder, 'main.ts').finally(() => delete process.env.FAULTLINE_SECRET);
    expect(loaded.inside).to.deep.equal(['main.ts']);
  });
});
