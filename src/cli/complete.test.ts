import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { complete } from './complete.ts';
import { settingsFor } from './complete-settings.ts';
import { localValues } from './complete-values.ts';
import { program } from './program.ts';

/** What is offered behind some words, with one value of each kind. */
const offered = async (...words: string[]): Promise<string[]> => {
  const found = await complete(program(), words, async (kind, prefix) => [`${prefix}<${kind}>`]);
  return found.map(({ value }) => value);
};

describe('what a shell completes', () => {
  it('is every command that people use, with what it does', async () => {
    expect(await offered(''))
      .to.include.members(['validate', 'run', 'init', 'sandbox', 'help'])
      .and.to.not.include('complete');
    expect(await offered('va')).to.deep.equal(['validate']);
    expect((await complete(program(), ['va'], async () => []))[0]?.what).to.match(/^check scenario/);
    expect(await offered('sandbox', '')).to.include('up');
    expect(await offered('k6', 'b')).to.deep.equal(['build']);
  });

  it('is the options of the command at hand, the short ones included', async () => {
    expect(await offered('run', '--')).to.include.members(['--target', '--set', '--yes', '--help']);
    expect(await offered('sandbox', 'up', '--ap')).to.deep.equal(['--apply']);
    expect(await offered('run', 'x.yaml', '--tar')).to.deep.equal(['--target']);
    expect(await offered('run', '-t')).to.deep.equal(['-t']);
    expect(await offered('run', '-')).to.include.members(['--target', '-t', '-o', '-y']);
    expect(await offered('nothing', 'more', '-')).to.include('--version');
  });

  it('is the values of an option, however it is written', async () => {
    expect(await offered('run', '--output', '')).to.deep.equal(['text', 'json']);
    expect(await offered('run', '-o', 'j')).to.deep.equal(['json']);
    expect(await offered('run', '--output=j')).to.deep.equal(['--output=json']);
    expect(await offered('run', '--output', '=', 'j'), 'as bash takes it apart').to.deep.equal(['--output=json']);
    expect(await offered('init', '--from-context', 'arn', ':', 'aws', ':', 'e')).to.deep.equal(['arn:aws:e<context>']);
    expect(await offered('run', '-t', 's')).to.deep.equal(['s<target>']);
    expect(await offered('recover', '--run', '')).to.deep.equal(['<run id>']);
    expect(await offered('init', '--from-context', 'a,')).to.deep.equal(['a,<context>']);
    expect(await offered('run', '--set', 'spec.load')).to.deep.equal(['spec.load<setting>']);
    expect((await offered('run', '--set', 'spec.load.engine', '=', 'u')).at(-1)).to.equal(
      'spec.load.engine=u<setting>',
    );
  });

  it('is what an argument may be, each time where there may be several', async () => {
    for (const words of [
      ['run', ''],
      ['run', 'a.yaml', ''],
      ['run', '--yes', '-t', 'x', ''],
      ['validate', 'a', 'b', ''],
    ]) {
      expect(await offered(...words), words.join(' ')).to.deep.equal(['<scenario>']);
    }
    expect(await offered('analyze', 'rep')).to.deep.equal(['rep<run>']);
    for (const command of ['gate', 'compare', 'history']) {
      expect(await offered(command, ''), command).to.deep.equal(['<run>']);
    }
    expect(await offered('run', '--expect', '')).to.deep.equal(['<verdict>']);
    expect(await offered('compare', '--baseline', 'b')).to.deep.equal(['b<file>']);
    expect(await offered('schema', 't')).to.deep.equal(['targets']);
    expect(await offered('completion', '')).to.deep.equal(['bash', 'zsh', 'fish']);
    expect(await offered('lab', 'fault', 'cut')).to.deep.equal(['cut-link']);
    expect(await offered('plan', 'a.yaml', ''), 'only one file').to.include('--target');
  });

  it('is a field of the scenario behind --set, and its values', async () => {
    expect(settingsFor('spec.load.')).to.include.members([
      'spec.load.rate=',
      'spec.load.engine=',
      'spec.load.paths[0].',
    ]);
    expect(settingsFor('spec.load.engine=')).to.include('spec.load.engine=k6');
    expect(settingsFor('spec.faults[0].')).to.include('spec.faults[0].podKill.');
    expect(settingsFor('spec.faults.0.')).to.include('spec.faults.0.podKill.');
    expect(settingsFor('spec.faults.0.podKill.cluster')).to.include('spec.faults.0.podKill.cluster=');
    expect(settingsFor('nothing.at.all')).to.deep.equal([]);
  });
});

describe('the values of a machine', () => {
  let dir: string;
  const home = process.cwd();
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'faultline-complete-'));
    for (const folder of ['reports/20261129t004941z-7o4f', 'reports/latest', 'reports/other', 'more'])
      mkdirSync(join(dir, folder), { recursive: true });
    writeFileSync(join(dir, 'drill.yaml'), '# one\nkind: Scenario\n');
    writeFileSync(join(dir, 'staging.yml'), 'kind: Targets\n');
    writeFileSync(join(dir, 'chart.yaml'), 'kind: Deployment\n');
    writeFileSync(join(dir, 'more', 'second.yaml'), 'kind: Scenario\n');
    writeFileSync(join(dir, 'more', '-rf.yaml'), 'kind: Scenario\n');
    for (const name of ['-rf.yaml', 'two\nlines.yaml', 'cr\r.yaml', 'esc\x1b[31m.yaml'])
      writeFileSync(join(dir, name), 'kind: Scenario\n');
    process.chdir(dir);
  });
  after(() => {
    process.chdir(home);
    rmSync(dir, { recursive: true });
  });

  it('are files by what they are, runs by their ids, and nothing where nothing can be read', async () => {
    const values = localValues('reports');
    expect(await values('scenario', '')).to.have.members(['./-rf.yaml', 'drill.yaml', 'more/', 'reports/']);
    expect(await values('scenario', 'more/')).to.have.members(['more/-rf.yaml', 'more/second.yaml']);
    expect(await values('target', ''))
      .to.include.members(['sandbox', 'lab', 'staging.yml'])
      .and.to.not.include('drill.yaml');
    expect(await values('run id', '')).to.deep.equal(['20261129t004941z-7o4f']);
    expect(await values('run', '')).to.include.members(['reports/latest', 'reports/20261129t004941z-7o4f']);
    expect(await values('scenario', 'nowhere/')).to.deep.equal([]);
    expect(await localValues('nowhere')('run id', '')).to.deep.equal([]);
  });
});
