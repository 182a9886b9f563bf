import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { expect } from 'chai';
import { faultline } from '../../cli/testing/live-sandbox.ts';
import { FaultlineError } from '../../model/errors.ts';
import type { Scenario } from '../../model/scenario.ts';
import { checkScenarioFile } from '../files/load-files.ts';
import { scriptFiles, scriptProblems } from './script-files.ts';

const FAILOVER = readFileSync('scenarios/service-failover.yaml', 'utf8');

describe('app/script/script-files', () => {
  let top: string;
  /** The scenario's own folder; `top` is what lies around it. */
  let folder: string;
  beforeEach(() => {
    top = mkdtempSync(join(tmpdir(), 'faultline-script-'));
    folder = join(top, 'drill');
  });
  afterEach(() => rmSync(top, { recursive: true, force: true }));

  function write(files: Readonly<Record<string, string | Uint8Array>>): void {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
  }

  /** The failover drill in the folder, sent by this script. */
  function drill(script: string): string {
    const file = join(folder, 'drill.yaml');
    const fields = `timeout: 2s\n    engine: k6\n    connections: fresh\n    script: ${script}`;
    write({ 'drill.yaml': FAILOVER.replace('timeout: 2s', fields) });
    return file;
  }

  function scenario(script: string, file = drill(script)): Scenario {
    return { load: { script }, source: { file } } as Scenario;
  }

  const messages = (script: string): string[] => scriptProblems(scenario(script)).map(({ message }) => message);

  it('reads the script and all that it leads to, each once, by relative names', async () => {
    const files = {
      'load/main.ts': "import { a } from './lib/a.ts';\nimport http from 'k6/http';\nimport 'k6';",
      'load/lib/a.ts': "export * from '../b.js'; // import './no.ts'",
      'load/b.js': "import '../load/lib/a.ts'; open('./data/text'); open('data/text');",
      'load/data/text': "import './no.ts'",
    };
    write({ ...files, 'load/unused.ts': '' });
    const read = await scriptFiles(scenario('load/main.ts'));
    expect(read?.main).to.equal('load/main.ts');
    expect(Object.fromEntries(read?.files ?? [])).to.deep.equal(files);
    expect([...(read?.files.keys() ?? [])][0]).to.equal('load/main.ts');
  });

  it('finds the folder of a scenario that is named by a relative path', async () => {
    write({ 'a.ts': '' });
    const read = await scriptFiles(scenario('./a.ts', relative('.', drill('./a.ts'))));
    expect(read?.main).to.equal('a.ts');
    expect([...(read?.files.keys() ?? [])]).to.deep.equal(['a.ts']);
  });

  it('keeps a text as it is, and knows a file that is opened and imported', async () => {
    const text = "\ufeffimport './b.ts';\r\n";
    write({ 'main.ts': "open('./a.ts'); import './a.ts'", 'a.ts': text, 'b.ts': 'é' });
    const read = await scriptFiles(scenario('main.ts'));
    expect(Object.fromEntries(read?.files ?? [])).to.include({ 'a.ts': text, 'b.ts': 'é' });
  });

  it('reads nothing where there is no script', async () => {
    expect(await scriptFiles({ load: {}, source: { file: 'nowhere/a.yaml' } } as Scenario)).to.equal(undefined);
  });

  const REFUSED: readonly [what: string, script: string, message: RegExp, hint?: RegExp][] = [
    ['a package', "import 'lodash'", /^main\.ts:1:8: `lodash` is a package/, /vendor it/],
    ['a package by require', "\n  require('lodash')", /^main\.ts:2:11: `lodash` is a package/, /vendor it/],
    [
      'a URL',
      "import 'https://jslib.k6.io/a.js'",
      /would be fetched when the load starts/,
      /vendor it: copy it beside/,
    ],
    ['another extension', "import 'k6/x/sql'", /`k6\/x\/sql` is not there/],
    ['the own extension', "import 'k6/x/faultline'", /is not there/],
    ['reading while the load runs', "import 'k6/experimental/fs'", /`k6\/experimental\/fs` reads files/, /`open\(\)`/],
    ['JSON', "import './a.json'", /cannot import JSON/, /JSON\.parse\(open/],
    ['an absolute module', "import '/etc/a.ts'", /`\/etc\/a\.ts` is no relative path/],
    ['an absolute file', "open('/etc/passwd')", /`\/etc\/passwd` is no relative path/],
    ['a file by URL', "open('file:///etc/passwd')", /is no relative path/],
    ['a package by an escaped name', "import '\\x6c'", /^main\.ts:1:8: `l` is a package/],
    ['a missing module', "\n\nimport './lib/b.ts'", /^main\.ts:3:8: `\.\/lib\/b\.ts` does not exist$/],
    ['a missing file', "open('b.txt')", /^main\.ts:1:6: `b\.txt` does not exist$/],
    ['a module without its ending', "import './lib/there'", /does not exist/, /write `\.\/lib\/there\.ts`/],
    ['a file below a file', "open('main.ts/a')", /`main\.ts\/a` does not exist/],
    ['a folder', "import './lib'", /`\.\/lib` is no file/],
    ['what lies outside', "import '../outside.ts'", /`\.\.\/outside\.ts` leads out of the folder/],
    ['what lies outside and is not there', "import '../nobody.ts'", /leads out of the folder/],
    ['a package after a byte order mark', "\ufeffimport 'lodash'", /^main\.ts:1:8: /],
    ['the folder itself', "open('.')", /leads out of the folder/],
    ['what only begins like the folder', "import '../drill2/a.ts'", /leads out of the folder/],
    ['a link that leads outside', "import './link.ts'", /`\.\/link\.ts` leads out of the folder/],
    ['a folder that is a link', "open('away/outside.ts')", /leads out of the folder/],
    ['what is no text', "open('bytes', 'b')", /`bytes` is no text in UTF-8/],
  ];
  for (const [what, script, message, hint] of REFUSED) {
    it(`refuses ${what}`, () => {
      write({ 'main.ts': script, 'lib/there.ts': '', 'a.json': '{}', bytes: new Uint8Array([0xff, 0xfe, 0]) });
      writeFileSync(join(top, 'outside.ts'), '');
      mkdirSync(join(top, 'drill2'));
      writeFileSync(join(top, 'drill2', 'a.ts'), '');
      symlinkSync('../outside.ts', join(folder, 'link.ts'));
      symlinkSync('..', join(folder, 'away'));
      const problems = scriptProblems(scenario('main.ts'));
      expect(problems.map(({ severity, message: told }) => `${severity} ${told}`)).to.have.length(1);
      expect(problems[0]?.severity).to.equal('error');
      expect(problems[0]?.message).to.match(message);
      if (hint !== undefined) expect(problems[0]?.hint).to.match(hint);
    });
  }

  const TOLD: readonly [what: string, script: string, message: RegExp, hint?: RegExp][] = [
    ['a computed name', 'require(name)', /^main\.ts:1:1: `require` is asked for a module whose name is not written/],
    [
      'a computed file',
      '\n open(a + b)',
      /^main\.ts:2:2: `open` is asked for a file .* when the run starts$/,
      /to have it/,
    ],
    ['`open` by another name', 'const o = open; o(a)', /^main\.ts:1:11: `open` is asked for/],
    ['import()', "/* é𝒳 */ import('./a.ts')", /^main\.ts:1:10: k6 has no `import\(\)`/, /import type/],
    [
      'a package where it may not be reached',
      "try { require('crypto') } catch { }",
      /^main\.ts:1:15: `crypto` is a package/,
    ],
    ['a file that is missing where it may not be reached', "() => open('no')", /^main\.ts:1:12: `no` does not exist/],
    ['what lies outside where it may not be reached', "a && open('../outside.ts')", /leads out of the folder/],
    ['a language that only k6 knows', '\n@a class B { }', /^main\.ts:2:1: cannot be read without k6, .*Unexpected/],
  ];
  for (const [what, script, message, hint] of TOLD) {
    it(`only tells of ${what}`, async () => {
      write({ 'main.ts': script });
      writeFileSync(join(top, 'outside.ts'), '');
      const problems = scriptProblems(scenario('main.ts'));
      expect(problems.map(({ severity }) => severity)).to.deep.equal(['warning']);
      expect(problems[0]?.message).to.match(message);
      if (hint !== undefined) expect(problems[0]?.hint).to.match(hint);
      expect([...((await scriptFiles(scenario('main.ts')))?.files.keys() ?? [])]).to.deep.equal(['main.ts']);
    });
  }

  it('takes scripts of the world: guards, names of their own, types, expressions after a block', async () => {
    const files = {
      'main.ts': "import './umd.js';\nlet t: import('./t.ts').X;\n{ t }\n/open('.\\/no')/.test(t);",
      'umd.js': `(function (root, factory) {
  if (typeof exports === 'object') module.exports = factory(require('./core.js'));
  else if (typeof define === 'function' && define.amd) define(['./core'], factory);
  else root.Lib = factory(root.Core);
})(this, function (open) { return open('door'); });`,
      'core.js': 'class Door { open() { return this.open; } }\nopen: for (;;) break open;',
    };
    write(files);
    expect(scriptProblems(scenario('main.ts'))).to.deep.equal([]);
    expect(Object.fromEntries((await scriptFiles(scenario('main.ts')))?.files ?? [])).to.deep.equal(files);
  });

  it('shows what it only tells as warnings, where the scenario names the script', () => {
    write({ 'main.ts': 'open(a)' });
    const file = drill('main.ts');
    const parsed = checkScenarioFile(readFileSync(file, 'utf8'), file);
    expect(parsed.ok && parsed.warnings.map(({ severity, message }) => `${severity} ${message}`)).to.satisfy(
      (warnings: string[]) => warnings.some((text) => text.startsWith('warning main.ts:1:1: `open` is asked for')),
    );
  });

  it('takes links that stay inside, also where the whole folder is reached by one', async () => {
    write({ 'main.ts': "import './link.ts'", 'lib/a.ts': "import './b.ts'", 'b.ts': '' });
    symlinkSync('lib/a.ts', join(folder, 'link.ts'));
    symlinkSync('drill', join(top, 'linked'));
    drill('main.ts');
    const read = await scriptFiles(scenario('main.ts', join(top, 'linked', 'drill.yaml')));
    expect([...(read?.files.keys() ?? [])]).to.deep.equal(['main.ts', 'link.ts', 'b.ts']);
  });

  it('refuses a script that is a link to elsewhere, or is not there', () => {
    write({ 'a.txt': '' });
    writeFileSync(join(top, 'outside.ts'), '');
    symlinkSync('../outside.ts', join(folder, 'main.ts'));
    expect(messages('main.ts')).to.deep.equal(['`main.ts` leads out of the folder of the scenario']);
    expect(messages('nobody.ts')).to.deep.equal(['`nobody.ts` does not exist']);
  });

  it('throws every problem of every file at once', async () => {
    write({ 'main.ts': "import 'a';\nimport './lib.ts'", 'lib.ts': "open('./no');\nimport 'b'" });
    const thrown = await scriptFiles(scenario('main.ts')).catch((error: unknown) => error);
    expect(thrown).to.be.instanceOf(FaultlineError).with.property('code', 'USAGE');
    expect((thrown as Error).message).to.match(/lib\.ts:1:6: `\.\/no`/);
    expect(messages('main.ts').map((message) => message.slice(0, 12))).to.have.members([
      'main.ts:1:8:',
      'lib.ts:2:8: ',
      'lib.ts:1:6: ',
    ]);
  });

  describe('where k6 says what it loads', () => {
    const SAID = (...inside: string[]) => ({ inside, elsewhere: [] as string[] });

    it('has just that, with names that nobody can read in the script', async () => {
      write({ 'load/main.ts': "open(a); try { require('./b.js') } catch { }", 'load/b.js': '', 'data.txt': 'd' });
      const asked: string[] = [];
      const read = await scriptFiles(scenario('load/main.ts'), async (where, main) => {
        asked.push(where, main);
        return SAID('load/main.ts', 'data.txt');
      });
      expect(asked).to.deep.equal([folder, 'load/main.ts']);
      expect([...(read?.files.keys() ?? [])]).to.deep.equal(['load/main.ts', 'data.txt']);
      expect(read?.modules.has('data.txt')).to.equal(false);
    });

    it('keeps the module beside the script, of which a run has its own', async () => {
      write({ 'main.ts': "import './faultline.ts'", 'faultline.ts': '' });
      const read = await scriptFiles(scenario('main.ts'), async () => SAID('main.ts'));
      expect([...(read?.files.keys() ?? [])]).to.have.members(['faultline.ts', 'main.ts']);
    });

    it('refuses what it loads from elsewhere, and what cannot be put there, all at once', async () => {
      write({ 'main.ts': 'open(a)', 'ca.pem': '', bytes: new Uint8Array([0xff]) });
      const elsewhere = ['/etc/hostname', 'https://a.example/b.js'];
      const list = async () => ({ inside: ['main.ts', 'ca.pem', 'bytes'], elsewhere });
      const byK6 = { ...scenario('main.ts'), load: { script: 'main.ts', engine: 'k6' } } as Scenario;
      const refusal = await scriptFiles(byK6, list).catch((error: unknown) => error);
      expect(refusal).to.include({ code: 'USAGE' });
      expect((refusal as Error).message.split('\n')).to.deep.equal([
        '`/etc/hostname` leads out of the folder of the scenario',
        '`https://a.example/b.js` would be fetched when the load starts',
        'the name `ca.pem` is taken by a file of the run itself',
        '`bytes` is no text in UTF-8',
      ]);
    });

    it('does not ask where the script is wrong for sure, and says what k6 says else', async () => {
      write({ 'main.ts': "import 'lodash'" });
      const never = () => expect.fail('it was asked');
      expect(await scriptFiles(scenario('main.ts'), never).catch((error: unknown) => error)).to.include({
        code: 'USAGE',
      });
      write({ 'main.ts': 'open(a)' });
      const broken = () => Promise.reject(new FaultlineError('LOAD', 'k6 cannot load the script'));
      expect(await scriptFiles(scenario('main.ts'), broken).catch((error: unknown) => error)).to.include({
        code: 'LOAD',
      });
    });
  });

  it('shows problems where the scenario names the script', () => {
    write({ 'load/main.ts': "import 'lodash';\nimport './no.ts'" });
    const file = drill('load/main.ts');
    const text = readFileSync(file, 'utf8');
    const line = text.split('\n').findIndex((row) => row.includes('script: load/main.ts')) + 1;
    const parsed = checkScenarioFile(text, file);
    const diagnostics = parsed.ok ? [] : parsed.diagnostics;
    const at = { file, line, column: 13, length: 12, severity: 'error' };
    expect(diagnostics).to.have.length(2);
    for (const diagnostic of diagnostics) expect(diagnostic).to.include(at);
    expect(diagnostics[1]).to.include({
      code: 'FILE_UNREADABLE',
      message: 'load/main.ts:2:8: `./no.ts` does not exist',
    });
  });

  it('ends validate, plan and run with exit code 2, before anything is touched', async () => {
    write({ 'load/main.ts': "import 'lodash';" });
    const file = drill('load/main.ts');
    const all = await Promise.all([
      faultline('validate', file),
      faultline('plan', file),
      faultline('run', file, '--out', join(top, 'reports')),
    ]);
    for (const { code, stdout, stderr } of all) {
      expect(code, stderr + stdout).to.equal(2);
      expect(stderr + stdout).to.match(/drill\.yaml:\d+:13 error FIELD_VALUE load\/main\.ts:1:8: `lodash`/);
    }
    write({ 'load/main.ts': "import 'k6/http';" });
    const { code, stdout } = await faultline('validate', file);
    expect(code, stdout).to.equal(0);
  });
});
