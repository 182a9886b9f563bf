import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { fillFolder, folderName, isFinished, labCache, sweep } from './cache.ts';

describe('lab/build/cache: what is finished and what is torn', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-cache-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('lies in the folder for caches that the environment names', () => {
    expect(labCache({ XDG_CACHE_HOME: '/c' })).to.equal('/c/faultline/lab');
    expect(labCache({})).to.match(/\/\.cache\/faultline\/lab$/);
  });

  it('property: a folder has another name as soon as anything about the inputs differs, but not their order', () => {
    const inputs = fc.dictionary(fc.string({ maxLength: 3 }), fc.string({ maxLength: 3 }), { maxKeys: 4 });
    fc.assert(
      fc.property(inputs, inputs, (one, other) => {
        const sorted = (value: object) => JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
        const same = folderName('etcd', one) === folderName('etcd', other);
        expect(same).to.equal(sorted(one) === sorted(other));
        const turned = Object.fromEntries(Object.entries(one).reverse());
        expect(folderName('etcd', turned)).to.equal(folderName('etcd', one));
      }),
    );
    expect(folderName('etcd', {})).to.match(/^etcd-[0-9a-f]{16}$/);
  });

  it('is finished only with every file in its full size', async () => {
    const target = join(folder, 'etcd-1');
    expect(await isFinished(target)).to.equal(false);
    await fillFolder(target, 7, async (unfinished) => {
      expect(await isFinished(target)).to.equal(false);
      await mkdir(join(unfinished, 'sub'));
      await writeFile(join(unfinished, 'sub', 'etcd'), 'whole');
    });
    expect(await isFinished(target)).to.equal(true);
    expect(await readdir(folder)).to.deep.equal(['etcd-1']);
    await truncate(join(target, 'sub', 'etcd'), 3);
    expect(await isFinished(target)).to.equal(false);
    await writeFile(join(target, 'sub', 'etcd'), 'whole');
    expect(await isFinished(target)).to.equal(true);
    await truncate(join(target, 'receipt.json'), 5);
    expect(await isFinished(target)).to.equal(false);
    await rm(target, { recursive: true });
    expect(await isFinished(target)).to.equal(false);
  });

  it('is left as it was when filling fails, and is replaced as a whole', async () => {
    const target = join(folder, 'etcd-1');
    const fill = (text: string) => fillFolder(target, 7, (unfinished) => writeFile(join(unfinished, text), text));
    await fill('old');
    const failure = await fillFolder(target, 7, async (unfinished) => {
      await writeFile(join(unfinished, 'half'), '');
      throw new Error('cut');
    }).catch((error: Error) => error.message);
    expect(failure).to.equal('cut');
    expect(await readFile(join(target, 'old'), 'utf8')).to.equal('old');
    await fill('new');
    expect((await readdir(target)).sort()).to.deep.equal(['new', 'receipt.json']);
  });

  it('is swept of what dead processes have left, and of nothing else', async () => {
    for (const name of ['etcd-1', 'etcd-2.unfinished-8', 'etcd-2.unfinished-9', 'logs'])
      await mkdir(join(folder, name));
    await sweep(folder, (pid) => pid === 9);
    expect((await readdir(folder)).sort()).to.deep.equal(['etcd-1', 'etcd-2.unfinished-9', 'logs']);
    await sweep(join(folder, 'nowhere'), () => true);
  });
});
