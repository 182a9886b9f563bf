import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
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

  it('passes over what cannot be run, and never takes what lies in the working folder', async () => {
    await chmod(await program(`${folder}/a/k6`, OURS), 0o644);
    await program(`${folder}/k6`, OURS);
    const before = process.cwd();
    process.chdir(folder);
    try {
      expect(await findK6({ XDG_CACHE_HOME: folder, PATH: `:${folder}/a:` })).to.deep.equal([]);
    } finally {
      process.chdir(before);
    }
  });

  it('caches by what the program is made of, wherever that lies', async () => {
    const sources = join(folder, 'sources');
    const cached = () => cachedK6({ XDG_CACHE_HOME: folder }, sources);
    await mkdir(join(sources, 'probe'), { recursive: true });
    await writeFile(join(sources, 'go.mod'), 'module x');
    await writeFile(join(sources, 'probe', 'a.go'), 'package probe');
    const first = await cached();
    expect(first.startsWith(join(folder, 'faultline', 'k6-'))).to.equal(true);
    for (const name of ['a_test.go', 'README.md']) await writeFile(join(sources, name), 'x');
    expect(await cached()).to.equal(first);
    await rename(join(sources, 'probe', 'a.go'), join(sources, 'probe', 'b.go'));
    const renamed = await cached();
    await writeFile(join(sources, 'go.sum'), 'h1:x');
    expect(new Set([first, renamed, await cached()]).size).to.equal(3);
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

  /** A program in place of the compiler that writes what it shall make, and ends when it is told. */
  async function compiler(rest: string): Promise<NodeJS.ProcessEnv> {
    const text = `#!${process.execPath}
      const output = process.argv[process.argv.indexOf('-o') + 1];
      require('node:fs').writeFileSync(output, JSON.stringify([process.argv.slice(2), process.env.CGO_ENABLED]));
      ${rest}`;
    await writeFile(join(folder, 'go'), text);
    await chmod(join(folder, 'go'), 0o755);
    return { XDG_CACHE_HOME: folder, PATH: folder };
  }

  it('builds into the cache, and leaves nothing half done', async () => {
    const env = await compiler('');
    const said: string[] = [];
    const built = await buildK6((line) => said.push(line), env);
    expect(built).to.equal(await cachedK6(env));
    const [args, cgo] = JSON.parse(await readFile(built, 'utf8')) as [string[], string];
    expect(args.slice(0, 2).concat(args.slice(4))).to.deep.equal(['build', '-buildvcs=false', './cmd/k6']);
    expect(cgo).to.equal('0');
    expect(await readdir(dirname(built))).to.deep.equal(['k6']);
    expect(said).to.have.length(1);
  });

  it('tells what the compiler said when it fails, and keeps nothing of it', async () => {
    const env = await compiler(`
      console.error('no such module');
      setTimeout(() => { console.error('nor another'); process.exitCode = 1; }, 100);`);
    const refusal = await buildK6(() => {}, env).catch((error: FaultlineError) => error);
    const expected = 'go build failed with exit code 1:\nno such module\nnor another';
    expect((refusal as FaultlineError).message).to.equal(expected);
    expect(await readdir(dirname(await cachedK6(env)))).to.deep.equal([]);
  });
});
