import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import type { FaultlineError } from '../../model/errors.ts';
import { cachedK6, findK6 } from './binary.ts';
import { buildK6 } from './build.ts';

describe('load/k6/binary: which k6 is taken', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-find-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** A program that says what `k6 version` says. */
  async function program(path: string, says: string): Promise<string> {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `#!${process.execPath}\nconsole.log(${JSON.stringify(says)});\n`);
    await chmod(path, 0o755);
    return path;
  }

  const OURS = 'k6 v2.2.0 (go1.26.8, linux/amd64)\nExtensions:\n  xk6-faultline , k6/x/faultline [js]\n';

  it('prefers the cache to PATH, and says what is wrong with each', async () => {
    const env = { XDG_CACHE_HOME: folder, PATH: `${folder}/a:${folder}/b:${folder}/nowhere` };
    const stock = await program(`${folder}/a/k6`, 'k6 v2.2.0 (go1.26.8, linux/amd64)');
    const old = await program(`${folder}/b/k6`, 'k6 v1.8.1 (go1.25, linux/amd64)');
    expect((await findK6(env)).map(({ path, extension, problem }) => ({ path, extension, problem }))).to.deep.equal([
      { path: stock, extension: false, problem: undefined },
      { path: old, extension: false, problem: 'it is k6 1.8.1, and version 2 is needed' },
    ]);
    const ours = await program(await cachedK6(env), OURS);
    const [first] = await findK6(env);
    const expected = { path: ours, from: 'cache', version: '2.2.0', extension: true, problem: undefined };
    expect(first).to.deep.equal(expected);
  });

  it('looks at nothing but $FAULTLINE_K6 where it is set', async () => {
    const mine = await program(join(folder, 'mine'), OURS);
    expect((await findK6({ FAULTLINE_K6: mine, PATH: process.env.PATH })).map(({ path }) => path)).to.deep.equal([
      mine,
    ]);
    const [missing] = await findK6({ FAULTLINE_K6: join(folder, 'none') });
    expect(missing?.problem).to.contain('it cannot be run');
    const other = await program(join(folder, 'other'), 'hello');
    expect((await findK6({ FAULTLINE_K6: other }))[0]?.problem).to.equal('it is no k6');
  });

  it('builds nothing that is there, and says what to install where there is no Go', async () => {
    const env = { XDG_CACHE_HOME: folder, PATH: join(folder, 'empty') };
    const refusal = await buildK6(() => {}, env).catch((error: FaultlineError) => error);
    expect(refusal).to.include({ code: 'LOAD' });
    expect((refusal as FaultlineError).message).to.contain('Go is not there');
    expect((refusal as FaultlineError).hint).to.contain('Install Go 1.25 or newer');
    const there = await program(await cachedK6(env), OURS);
    expect(await buildK6(() => {}, env)).to.equal(there);
  });

  it('tells what the compiler said when it fails', async () => {
    const env = { XDG_CACHE_HOME: folder, PATH: folder };
    await writeFile(join(folder, 'go'), `#!${process.execPath}\nconsole.error('no such module');process.exit(1);\n`);
    await chmod(join(folder, 'go'), 0o755);
    const refusal = await buildK6(() => {}, env).catch((error: FaultlineError) => error);
    expect((refusal as FaultlineError).message).to.equal('go build failed with exit code 1:\nno such module');
  });
});
