import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { ownScript, scriptModule, stagedFiles, writeFiles } from './script-files.ts';
import { ENTRY } from './staged-names.ts';

/** In place of the module that scripts import: says when an iteration begins. */
const MODULE = `export const said = [];
export function begin() { said.push('begin'); }
export const options = { scenarios: { lane0: {} }, hosts: { planned: '1' }, teardownTimeout: 'planned' };
`;

type Entry = {
  options: Record<string, unknown>;
  setup(): unknown;
  send(data: unknown): unknown;
  teardown(data: unknown): void;
};

describe('load/k6/config/script-files: what k6 is given to run', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-stage-'));
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** The entry for a script, run by Node. It is JavaScript under a name of TypeScript. */
  async function entry(main: string, text: string): Promise<{ entry: Entry; said: unknown[] }> {
    const files = await stagedFiles({ main, files: new Map([[main, text]]) });
    const module = [...files.keys()].find((name) => name.endsWith('faultline.ts')) ?? '';
    await writeFiles(folder, new Map([...files, [module, MODULE]]));
    const { said } = (await import(pathToFileURL(join(folder, module)).href)) as { said: unknown[] };
    return { entry: (await import(pathToFileURL(join(folder, ENTRY)).href)) as Entry, said };
  }

  it("runs the script's own functions, and marks where an iteration begins", async () => {
    const { entry: run, said } = await entry(
      'load.js',
      `import { said } from './faultline.ts';
      export function setup() { said.push('setup'); return 'data'; }
      export default (data) => { said.push('iteration ' + data); return 'result'; };
      export function teardown(data) { said.push('teardown ' + data); }`,
    );
    expect(run.setup()).to.equal('data');
    expect(run.send('x')).to.equal('result');
    run.teardown('y');
    expect(said).to.deep.equal(['setup', 'begin', 'iteration x', 'teardown y']);
  });

  it('needs no more than a default function', async () => {
    const { entry: run, said } = await entry('load.js', 'export default function () {}');
    expect(run.setup()).to.equal(undefined);
    run.teardown('x');
    run.send('x');
    expect(said).to.deep.equal(['begin']);
    expect(run.options).to.deep.equal({
      scenarios: { lane0: {} },
      hosts: { planned: '1' },
      teardownTimeout: 'planned',
    });
  });

  it('says which script has none', async () => {
    const refusal = await entry("it's.js", 'export const options = {};').catch((error: unknown) => error);
    expect((refusal as Error).message).to.equal("it's.js has no default function");
  });

  it("keeps the script's options of TLS and patience, and none that changes the load", async () => {
    const options = {
      tlsAuth: [{ cert: 'c' }],
      insecureSkipTLSVerify: false,
      tlsVersion: 'tls1.3',
      tlsCipherSuites: ['x'],
      userAgent: 'mine',
      setupTimeout: '1s',
    };
    const overridden = { teardownTimeout: 'its own' };
    const load = { vus: 9, duration: '1h', scenarios: { mine: {} }, hosts: { mine: '2' }, noConnectionReuse: false };
    const text = `export const options = ${JSON.stringify({ ...options, ...overridden, ...load })}; export default () => {};`;
    const { entry: run } = await entry('load.js', text);
    expect(run.options).to.deep.equal({
      ...options,
      scenarios: { lane0: {} },
      hosts: { planned: '1' },
      teardownTimeout: 'planned',
    });
  });

  it('puts its module beside the script, whatever is there, and its entry above', async () => {
    const files = new Map([
      ['lib/main.js', 'main'],
      ['lib/faultline.ts', 'an older one'],
      ['other/data.json', '{}'],
    ]);
    const staged = await stagedFiles({ main: 'lib/main.js', files });
    expect([...staged.keys()]).to.have.members(['lib/main.js', 'lib/faultline.ts', 'other/data.json', ENTRY]);
    expect(staged.get('lib/faultline.ts')).to.equal(await scriptModule());
    expect(staged.get('lib/main.js')).to.equal('main');
    expect(files.get('lib/faultline.ts')).to.equal('an older one');
    await writeFiles(folder, staged);
    expect(await readFile(join(folder, 'other', 'data.json'), 'utf8')).to.equal('{}');
    const { entry: run } = await entry('lib/main.js', 'export default () => 7;');
    expect(run.send(undefined)).to.equal(7);
  });

  it("has a script of its own, which is k6's to read", async () => {
    const own = await ownScript();
    const staged = await stagedFiles(own);
    expect([...staged.keys()]).to.have.members([own.main, 'faultline.ts', ENTRY]);
    expect(staged.get(own.main)).to.contain("from './faultline.ts'").and.contain('export default');
    expect(await scriptModule())
      .to.contain("from 'k6/http'")
      .and.contain('export function begin');
  });
});
