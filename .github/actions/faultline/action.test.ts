import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { resultOf, SCENARIO } from './testing/results.ts';
import { inWorkspace, type Job, METADATA, runStep } from './testing/runner.ts';

const FAKE = fileURLToPath(new URL('testing/fake-cli.mjs', import.meta.url));
/** A runner in a hurry: the order of things is the same. */
const TIMES = { termAfterMs: 400, killAfterMs: 400 };

type Note = { command?: string; args?: string[]; signal?: string; ready?: string };

type Options = {
  says?: object;
  inputs?: Record<string, string>;
  env?: Record<string, string>;
  /** What the notes must hold when the job is cancelled, or `main` lost. */
  cancelAt?: string;
  loseAt?: string;
  /** When it is killed with all that it has started. */
  killAt?: string;
  /** Another step cleans the workspace up before the job ends. */
  isCleaned?: boolean;
};

async function job(options: Options, look: (job: Job, notes: Note[], out: string) => void): Promise<void> {
  await inWorkspace(async (workspace) => {
    mkdirSync(join(workspace, 'drills'));
    writeFileSync(join(workspace, 'drills', 'shop.yaml'), `${SCENARIO}# x-tenant: {env: TOKEN}\n`);
    const notes = join(workspace, 'notes');
    const { cancelAt, loseAt, killAt, isCleaned = false } = options;
    const clean = () => rmSync(join(workspace, 'faultline-reports'), { recursive: true, force: true });
    const done = await runStep(workspace, {
      inputs: { scenarios: 'drills/*.yaml', cli: FAKE, ...options.inputs },
      env: { FAKE_NOTES: notes, FAKE_SAYS: JSON.stringify(options.says ?? {}), ...options.env },
      times: TIMES,
      ...(isCleaned ? { between: clean } : {}),
      ...(cancelAt === undefined ? {} : { cancelled: seen(notes, cancelAt) }),
      ...(killAt === undefined ? {} : { killed: seen(notes, killAt) }),
      ...(loseAt === undefined ? {} : { lost: seen(notes, loseAt) }),
    });
    look(done, readNotes(notes), join(workspace, 'faultline-reports'));
  });
}

function readNotes(file: string): Note[] {
  const text = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  return text === '' ? [] : text.split('\n').map((line): Note => JSON.parse(line));
}

async function seen(file: string, text: string): Promise<void> {
  while (!existsSync(file) || !readFileSync(file, 'utf8').includes(text)) await sleep(10);
}

const commands = (notes: readonly Note[]) => notes.flatMap(({ command }) => command ?? []);
const argsOf = (notes: readonly Note[], command: string) => notes.find((note) => note.command === command)?.args ?? [];

describe('the action', function () {
  this.timeout(60_000);

  it('is a JavaScript action whose end always comes', () => {
    expect(METADATA.runs).to.deep.equal({ using: 'node24', main: 'main.mjs', post: 'post.mjs', 'post-if': 'always()' });
  });

  it('runs what its inputs say, hides secrets, tells the verdict, and recovers all the same', async () => {
    const inputs = { repeat: '3', expect: 'fail:errorBudget', arguments: '--wait\n 5m \n', target: 'my targets.yaml' };
    const says = {
      run: { results: [resultOf('pass', 0)], series: '# all runs\n', stdout: 'sent s3cret!word, then key-line-two\n' },
    };
    const env = { TOKEN: 's3cret!word', KEY: 'key-line-one\nkey-line-two\n' };
    const more = { mask: 'KEY', hypothesis: 'a: "b" # c\n--yes', 'recover-first': 'true' };
    await job({ inputs: { ...inputs, ...more }, env, says }, ({ main, post, outputs }, notes, out) => {
      expect(main.code, main.log).to.equal(0);
      expect(main.log).to.contain('sent ***, then ***');
      expect(argsOf(notes, 'run')).to.deep.equal([
        ...['--yes', '--target', 'my targets.yaml', '--out', out, '--repeat', '3'],
        ...[
          '--expect',
          'fail:errorBudget',
          '--set',
          'spec.hypothesis="a: \\"b\\" # c\\n--yes"',
          '--wait',
          '5m',
          '--',
          'drills/shop.yaml',
        ],
      ]);
      expect(outputs).to.include({ verdict: 'pass', 'exit-code': '0', 'run-folder': out });
      expect(outputs['report-path']).to.equal('faultline-reports/20261129t000000z-fake/report.html');
      expect(main.summary).to.contain('faultline: pass').and.to.contain('# one run');
      expect(main.summary.indexOf('# all runs')).to.be.within(1, main.summary.indexOf('# one run'));
      expect(main.summary).to.not.contain('no result');
      expect(commands(notes)).to.deep.equal(['recover', 'run', 'recover']);
      expect(argsOf(notes, 'recover')).to.deep.equal(['--scan', '--target', 'my targets.yaml']);
      expect(argsOf(notes.slice(2), 'recover')).to.deep.equal(['--out', out]);
      expect(post.code).to.equal(0);
    });
  });

  it('says where a scenario is mistaken', async () => {
    const diagnostic = { severity: 'error', message: 'no such: thing', file: 'drills/shop.yaml', line: 3, column: 5 };
    const stdout = JSON.stringify({ valid: false, diagnostics: [diagnostic] });
    await job({ says: { run: { code: 2 }, validate: { code: 2, stdout } } }, ({ main, outputs }) => {
      expect(main.code).to.equal(2);
      expect(outputs.verdict).to.equal('invalid');
      expect(main.annotations).to.include('::error file=drills/shop.yaml,line=3,col=5,title=scenario::no such: thing');
    });
  });

  it('lets a gate overrule what was judged, and nothing else', async () => {
    const inputs = { 'gate-pass-rate': '0.95', expect: 'fail' };
    const results = [resultOf('pass', 0), resultOf('fail', 1)];
    const gate = { code: 0, stdout: 'pass rate 98 %\n' };
    await job({ inputs, says: { run: { code: 1, results }, gate } }, ({ main, outputs }, notes, out) => {
      expect(argsOf(notes, 'gate')).to.deep.equal([
        ...[out, '--pass-rate', '0.95', '--confidence', '0.95', '--expect', 'fail'],
      ]);
      expect(main.code).to.equal(0);
      expect(outputs.verdict).to.equal('pass');
      expect(main.summary).to.contain('    pass rate 98 %');
      expect(outputs['report-path']).to.contain('000001z');
    });
    await job({ inputs, says: { run: { code: 5, results }, gate } }, ({ main, outputs }, notes) => {
      expect(main.code).to.equal(5);
      expect(outputs.verdict).to.equal('left-behind');
      expect(commands(notes)).to.not.include('gate');
    });
  });

  it('leaves the gate to a series, which may end early', async () => {
    const inputs = { 'gate-pass-rate': '0.95', repeat: '59' };
    await job({ inputs, says: { run: { code: 1, results: [resultOf('pass', 0)] } } }, ({ main }, notes) => {
      expect(argsOf(notes, 'run')).to.include.members(['--repeat', '59', '--pass-rate', '0.95']);
      expect(main.code).to.equal(1);
      expect(commands(notes)).to.not.include('gate');
    });
    const results = [resultOf('pass', 0), ...Array.from({ length: 5 }, () => resultOf('fail', 1))];
    await job({ inputs, says: { run: { code: 1, results } } }, ({ outputs }) =>
      expect(outputs.verdict).to.equal('fail'),
    );
  });

  it('is not green where no run was judged, and loses no code where a result is of another kind', async () => {
    await job({ says: { run: { code: 0, results: [{ verdict: 'pass' }] } } }, ({ main, outputs }) => {
      expect(main.code).to.equal(7);
      expect(outputs.verdict).to.equal('error');
    });
    const source = { file: 7, text: {} };
    const strange = { ...resultOf('fail', 5), run: { runId: 'r', scenario: { name: 'shop', source } } };
    await job({ says: { run: { code: 5, results: [strange] } } }, ({ main, outputs }) => {
      expect(main.code).to.equal(5);
      expect(outputs.verdict).to.equal('left-behind');
      expect(main.annotations.join()).to.contain('not all of it is told');
    });
  });

  it('says that a run was ended by nobody when it was, and what is mistaken although validate says nothing', async () => {
    await job({ says: { run: { code: 137 } } }, ({ main, outputs }) => {
      expect(main.code).to.equal(137);
      expect(outputs).to.include({ verdict: 'error', 'exit-code': '137' });
    });
    await job({ says: { run: { code: 2 }, validate: { code: 2, stdout: 'boom' } } }, ({ main, outputs }) => {
      expect(main.code).to.equal(2);
      expect(outputs).to.include({ verdict: 'invalid', 'exit-code': '2' });
      expect(main.annotations.join()).to.contain('not said it as JSON');
    });
  });

  it('begins nothing by another version than the one that is asked for', async () => {
    const says = { '--version': { stdout: '0.1.0\n' } };
    await job({ inputs: { version: '9.9.9' }, says }, ({ main, post, outputs }, notes) => {
      expect(main.code).to.equal(2);
      expect(outputs.verdict).to.equal('error');
      expect(main.annotations[0]).to.match(/^::error title=faultline::version: 9\.9\.9 is asked for/);
      expect(commands(notes)).to.deep.equal(['--version']);
      expect(post.code).to.equal(0);
    });
  });
});

describe('the action, when its job ends early', function () {
  this.timeout(60_000);

  it('hands the signals on, waits for the undo, and tells that it was cancelled', async () => {
    const says = { run: { results: [resultOf('inconclusive', 130)], undoMs: 100 } };
    await job({ says, cancelAt: '"ready":"run"' }, ({ main, post, outputs }, notes) => {
      expect(notes.flatMap(({ signal }) => signal ?? [])[0]).to.equal('SIGINT');
      expect(main.code).to.equal(130);
      expect(outputs).to.include({ verdict: 'cancelled', 'exit-code': '130' });
      expect(commands(notes)).to.deep.equal(['run', 'recover']);
      expect(post.code).to.equal(0);
    });
  });

  it('recovers after it was killed because the undo takes longer than a runner waits', async () => {
    const says = { run: { results: [{}], lastsMs: 1_500 }, recover: { code: [3, 0] } };
    await job({ says, cancelAt: '"ready":"run"' }, (done, notes) => {
      expect(notes.flatMap(({ signal }) => signal ?? [])).to.deep.equal(['SIGINT', 'SIGTERM']);
      expect(done.main.killed).to.equal(true);
      expect(done.outputs.verdict).to.equal('unknown');
      expect(commands(notes)).to.deep.equal(['run', 'recover', 'recover']);
      expect(done.post.code).to.equal(0);
    });
  });

  it('recovers after it was killed together with the run', async () => {
    await job({ says: { run: { results: [{}], undoMs: 1 } }, killAt: '"ready":"run"' }, (done, notes) => {
      expect(done.main.code).to.equal(null);
      expect(done.outputs.verdict).to.equal('unknown');
      expect(commands(notes)).to.deep.equal(['run', 'recover']);
    });
  });

  it('recovers after main alone was lost, and asks again while the run still lives', async () => {
    const says = { run: { results: [{}], lastsMs: 300 }, recover: { code: [3, 0] } };
    await job({ says, loseAt: '"ready":"run"' }, ({ main, post, outputs }, notes) => {
      expect(main.code).to.equal(null);
      expect(outputs.verdict).to.equal('unknown');
      expect(commands(notes)).to.deep.equal(['run', 'recover', 'recover']);
      expect(post.code).to.equal(0);
    });
  });

  it('fails the job, and says what to do, where something is left', async () => {
    const says = { run: { code: 5, results: [resultOf('fail', 5)] }, recover: { code: 5 } };
    await job({ says }, ({ main, post }) => {
      expect(main.annotations.join('\n')).to.contain('NOT everything is put back');
      expect(post.code).to.equal(5);
      expect(post.annotations[0]).to.contain('faultline recover --scan');
    });
  });
});

describe('the end of the action', function () {
  this.timeout(60_000);

  const target = 'targets.yaml';
  const scan = ['--scan', '--target', target];
  const recoveries = (notes: readonly Note[]) =>
    notes.flatMap(({ command, args }) => (command === 'recover' ? [args] : []));

  it('asks the clusters where the run folders of a run that was killed are gone, until nobody holds them', async () => {
    const says = { run: { results: [{}], undoMs: 1 }, recover: { code: [3, 0] } };
    const options = { says, killAt: '"ready":"run"', isCleaned: true };
    await job({ ...options, inputs: { target } }, ({ post }, notes) => {
      expect(recoveries(notes)).to.deep.equal([scan, scan]);
      expect(post.code).to.equal(0);
    });
  });

  it('asks them as well as the run folders where something is left, and nobody where faultline has said that nothing is', async () => {
    const left = { code: 5, results: [resultOf('fail', 5)] };
    await job({ says: { run: left }, inputs: { target } }, (_, notes, out) =>
      expect(recoveries(notes)).to.deep.equal([['--out', out], scan]),
    );
    const says = { run: { results: [resultOf('pass', 0)] } };
    await job({ says, inputs: { target }, isCleaned: true }, ({ post }, notes) => {
      expect(recoveries(notes)).to.deep.equal([]);
      expect(post.log).to.contain('has put everything back');
    });
  });
});
