import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { faultline } from '../../cli/testing/live-sandbox.ts';
import { scriptModule } from '../../load/index.ts';
import { FaultlineError } from '../../model/errors.ts';
import type { Scenario } from '../../model/scenario.ts';
import { keepScript, type Script, scriptFiles, scriptProblems } from './script-files.ts';

describe('app/script/script-files: what a run makes of a script', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'faultline-script-run-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
  }

  function scenario(script: string, engine = 'k6'): Scenario {
    return { load: { script, engine }, source: { file: join(folder, 'drill.yaml') } } as Scenario;
  }

  const problems = (script: string, engine?: string) =>
    scriptProblems(scenario(script, engine)).map(({ message, hint }) => `${message} (${hint})`);

  async function read(script: string): Promise<Script> {
    const found = await scriptFiles(scenario(script), async () => undefined);
    if (found === undefined) throw new Error('no script');
    return found;
  }

  describe('the module beside the script', () => {
    it('is not looked into, because a run has its own in its place', async () => {
      const files = { 'load/main.ts': "import './lib.ts'", 'load/lib.ts': "import './faultline.ts'" };
      write({ ...files, 'load/faultline.ts': await scriptModule() });
      expect(problems('load/main.ts')).to.deep.equal([]);
      expect([...(await read('load/main.ts')).files.keys()]).to.include('load/faultline.ts');
      write({ 'load/faultline.ts': "import 'lodash'; open(a)" });
      expect(problems('load/main.ts')).to.deep.equal([]);
    });

    it('has to be there', () => {
      write({ 'main.ts': "import './faultline.ts'" });
      expect(problems('main.ts')).to.deep.equal([
        'main.ts:1:8: `./faultline.ts` does not exist (put it there with: faultline k6 script)',
      ]);
    });

    it('is not another of that name', async () => {
      write({ 'main.ts': "import './lib/a.ts'", 'lib/a.ts': "import './faultline.ts'" });
      write({ 'lib/faultline.ts': await scriptModule() });
      expect(problems('main.ts')).to.deep.equal([
        'lib/a.ts:1:8: `./faultline.ts` is not beside the script, and a run knows only that one (import the one beside the script)',
      ]);
    });
  });

  describe('names that a run needs', () => {
    const TAKEN = ['faultline-entry.ts', 'faultline-config.json', 'console.log', 'ca.pem', 'Faultline-Entry.ts'];
    for (const name of TAKEN) {
      it(`refuses ${name} in the scenario's folder, and takes it below`, () => {
        write({ 'load/main.ts': `open('../${name}')`, [name]: '' });
        expect(problems('load/main.ts').join()).to.match(
          /^load\/main\.ts:1:6: the name `[^`]+` is taken by .*another name/,
        );
        write({ 'load/main.ts': `open('./${name}')`, [`load/${name}`]: '' });
        expect(problems('load/main.ts')).to.deep.equal([]);
      });
    }

    it('knows that the folder of pods is that of the script', () => {
      write({ 'load/main.ts': "import './faultline-entry.ts'; open('console.log')" });
      write({ 'load/faultline-entry.ts': '', 'load/console.log': '' });
      expect(problems('load/main.ts', 'k6-operator').join('\n')).to.match(
        /^load\/main\.ts:1:8: the name `load\/faultline-entry\.ts` is taken[^\n]*$/,
      );
    });

    it('refuses a script that has one', () => {
      write({ 'faultline-entry.ts': '', 'load/faultline.ts': '' });
      expect(problems('faultline-entry.ts').join()).to.match(/^the name `faultline-entry\.ts` is taken/);
      expect(problems('load/faultline.ts').join()).to.match(/^the name `load\/faultline\.ts` is taken/);
    });
  });

  describe('pods', () => {
    it('take the folder of the script and no other', () => {
      write({ 'load/main.ts': "import './a.ts';\nimport './lib/b.ts'; open('../c.txt'); open('d e')" });
      write({ 'load/a.ts': '', 'load/lib/b.ts': '', 'c.txt': '', 'load/d e': '' });
      expect(problems('load/main.ts')).to.deep.equal([]);
      expect(problems('load/main.ts', 'k6-operator')).to.deep.equal([
        'load/main.ts:2:8: `load/lib/b.ts` is not beside the script, and pods have one folder (move it there)',
        'load/main.ts:2:27: `c.txt` is not beside the script, and pods have one folder (move it there)',
        'load/main.ts:2:45: pods cannot have a file named `d e` (letters, digits, dots, dashes and underscores make a name)',
      ]);
    });

    it('take less than a ConfigMap holds, in bytes', () => {
      const main = "open('a.txt'); open('b.txt')";
      const rest = 1_048_576 - 65_536 - main.length - 10;
      write({ 'main.ts': main, 'a.txt': 'é'.repeat(5), 'b.txt': 'b'.repeat(rest - 1) });
      expect(problems('main.ts', 'k6-operator')).to.deep.equal([]);
      write({ 'b.txt': 'b'.repeat(rest) });
      expect(problems('main.ts')).to.deep.equal([]);
      expect(problems('main.ts', 'k6-operator').join()).to.match(
        new RegExp(
          `^the script's files are 983040 bytes together, .* less than 983040; the largest is \`b.txt\` with ${rest} `,
        ),
      );
    });

    it('are told of by validate and plan', async () => {
      write({ 'main.ts': "import './lib/a.ts'", 'lib/a.ts': '' });
      const file = join(folder, 'drill.yaml');
      const fields = 'timeout: 2s\n    engine: k6-operator\n    connections: fresh\n    script: main.ts';
      write({ 'drill.yaml': readFileSync('scenarios/service-failover.yaml', 'utf8').replace('timeout: 2s', fields) });
      const all = await Promise.all(['validate', 'plan'].map((command) => faultline(command, file)));
      for (const { code, stdout, stderr } of all) {
        expect(code, stderr + stdout).to.equal(2);
        expect(stderr + stdout).to.match(
          /drill\.yaml:\d+:13 error FIELD_VALUE main\.ts:1:8: `lib\/a\.ts` is not beside the script/,
        );
      }
    });
  });

  describe('what is kept of it', () => {
    const kept = () => join(folder, 'run');

    it('is its code; of data only name, size and digest', async () => {
      const files = {
        'load/main.ts': "import './lib/a.mjs'; open('../pass.js'); open('both.ts')",
        'load/lib/a.mjs': '',
      };
      write({ ...files, 'pass.js': 'secret é', 'load/both.ts': '' });
      mkdirSync(kept());
      keepScript(kept(), await read('load/main.ts'), (text) => text);
      const texts = readdirSync(kept(), { recursive: true, encoding: 'utf8' }).toSorted();
      const names = ['script', 'script-data.txt', 'script/load', 'script/load/lib', 'script/load/lib/a.mjs'];
      expect(texts).to.deep.equal([...names, 'script/load/main.ts']);
      expect(readFileSync(join(kept(), 'script/load/main.ts'), 'utf8')).to.equal(files['load/main.ts']);
      const digest = (text: string) => createHash('sha256').update(text).digest('hex');
      expect(readFileSync(join(kept(), 'script-data.txt'), 'utf8').split('\n')).to.deep.equal([
        `pass.js 9 bytes sha256:${digest('secret é')}`,
        `load/both.ts 0 bytes sha256:${digest('')}`,
        '',
      ]);
    });

    it('has what is imported as well as opened, and no list where there is no data', async () => {
      write({ 'main.ts': "open('./a.ts'); import './a.ts'", 'a.ts': 'a' });
      mkdirSync(kept());
      keepScript(kept(), await read('main.ts'), (text) => text);
      expect(readFileSync(join(kept(), 'script/a.ts'), 'utf8')).to.equal('a');
      expect(existsSync(join(kept(), 'script-data.txt'))).to.equal(false);
    });

    it('says where it cannot be written', async () => {
      write({ 'main.ts': "open('a.txt')", 'a.txt': '' });
      const script = { ...(await read('main.ts')), modules: new Set<string>() };
      expect(() => keepScript(kept(), script, (text) => text)).to.throw(
        FaultlineError,
        /script-data\.txt: cannot be written/,
      );
    });
  });
});
