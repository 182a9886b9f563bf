import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parse, parseAllDocuments } from 'yaml';
import { gateArguments, readInputs, runArguments } from '../../.github/actions/faultline/lib/inputs.mjs';
import { unknownWords } from './testing/command-line.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const WORKFLOWS = join(ROOT, '.github/workflows');
const ACTION = parse(readFileSync(join(ROOT, '.github/actions/faultline/action.yml'), 'utf8')) as {
  inputs: Record<string, { required?: boolean }>;
  outputs: Record<string, unknown>;
};

type Step = {
  uses?: string;
  run?: string;
  with?: Record<string, string>;
  id?: string;
  if?: string;
  name?: string;
  'working-directory'?: string;
};
type Job = { steps?: Step[]; uses?: string; 'timeout-minutes'?: number; if?: string; concurrency?: unknown };
type Workflow = { permissions?: unknown; concurrency?: unknown; jobs: Record<string, Job> };

const FILES = readdirSync(WORKFLOWS).filter((file) => file.endsWith('.yml'));
const textOf = (file: string) => readFileSync(join(WORKFLOWS, file), 'utf8');
const workflowOf = (file: string): Workflow => {
  const [document] = parseAllDocuments(textOf(file), { strict: true, uniqueKeys: true });
  expect(document?.errors, file).to.deep.equal([]);
  return document?.toJS();
};
const stepsOf = (file: string): Step[] => Object.values(workflowOf(file).jobs).flatMap(({ steps = [] }) => steps);

/** The words of the command lines of faultline that begin a line of a script, without what the shell makes of them. */
function commandsIn(script: string): string[][] {
  const joined = script.replace(/\\\n\s*/g, ' ');
  const found = joined.matchAll(/^\s*(?:node .*?bin\.js|faultline) ((?:[a-z][\w-]*|--version)\b[^\n|>;&)#]*)/gm);
  return [...found].map(([, words = '']) => words.match(/"[^"]*"|'[^']*'|\S+/g) ?? []);
}

/** What a page shows as code, each piece on lines of its own. */
function codeIn(page: string): string {
  const blocks = [...page.matchAll(/^ *```\w*\n([\s\S]*?)^ *```$/gm)].map(([, block = '']) => block);
  const spans = [...page.replace(/```[\s\S]*?```/g, '').matchAll(/`([^`]+)`/g)].map(([, span = '']) =>
    span.replace(/\n/g, ' '),
  );
  return [...blocks, ...spans].join('\n');
}

const problemsIn = (commands: readonly string[][]) => commands.flatMap((words) => unknownWords(words) ?? []);

describe('the workflows', () => {
  it('ask the command line for what it knows', () => {
    const scripts = FILES.flatMap((file) => stepsOf(file).flatMap(({ run }) => run ?? []));
    const commands = scripts.flatMap(commandsIn);
    expect(commands.length).to.be.above(0);
    expect(problemsIn(commands)).to.deep.equal([]);
    expect(problemsIn(commandsIn('node src/cli/bin.js plan --targt x -- "$S" > plan.txt'))).to.deep.equal([
      'plan has no --targt',
    ]);
  });

  it('give the action inputs that it has, and all that it needs', () => {
    const uses = FILES.flatMap((file) => stepsOf(file)).filter(({ uses = '' }) => uses.endsWith('/actions/faultline'));
    expect(uses).to.have.length(3);
    const required = Object.entries(ACTION.inputs).flatMap(([name, { required }]) => (required ? [name] : []));
    for (const { with: given = {} } of uses) {
      expect(Object.keys(ACTION.inputs)).to.include.members(Object.keys(given));
      expect(Object.keys(given)).to.include.members(required);
      const more = (given.arguments ?? '').trim().split(/\s*\n\s*/);
      expect(problemsIn([['run', ...more]])).to.deep.equal([]);
    }
    const read = FILES.flatMap((file) =>
      [...textOf(file).matchAll(/steps\.drill\.outputs\.([\w-]+)/g)].map(([, name]) => name),
    );
    expect(Object.keys(ACTION.outputs)).to.include.members(read);
  });

  it('have an action that asks the command line for what it knows', () => {
    const env = { repeat: '3', expect: 'fail', hypothesis: 'x', scenarios: 'package.json', 'gate-pass-rate': '0.9' };
    const inputs = readInputs(
      Object.fromEntries(Object.entries(env).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
    );
    const run = runArguments(inputs);
    const gate = gateArguments({ ...inputs, repeat: '' }) ?? [];
    const words = run.concat(gate).filter((word) => word.startsWith('--'));
    expect(words).to.include.members(['--repeat', '--expect', '--set', '--out', '--target', '--pass-rate']);
    expect(gate[0]).to.equal('gate');
    expect(problemsIn([run, gate])).to.deep.equal([]);
  });

  it('put nothing of others into a script, and pin what they use', () => {
    const steps = FILES.flatMap(stepsOf);
    expect(steps.filter(({ run = '' }) => run.includes('${{'))).to.deep.equal([]);
    const used = steps.flatMap(({ uses = './' }) => (uses.startsWith('./') ? [] : uses));
    expect(used.length).to.be.above(0);
    expect(used.filter((uses) => !/@[0-9a-f]{40}$/.test(uses))).to.deep.equal([]);
  });

  it('ask for no more than reading, and every job of theirs has an end', () => {
    for (const workflow of FILES.map(workflowOf)) {
      expect(workflow.permissions).to.deep.equal({ contents: 'read' });
      const endless = Object.entries(workflow.jobs).filter(
        ([, job]) => job.uses === undefined && !job['timeout-minutes'],
      );
      expect(endless.map(([name]) => name)).to.deep.equal([]);
    }
  });

  it('find faultline where it is, whoever calls or copies them', () => {
    const sources = {
      'release-gate.yml': ['fromJSON(toJSON(job)).workflow_repository', 'fromJSON(toJSON(job)).workflow_sha'],
      'nightly.yml': ['vars.FAULTLINE_REPOSITORY || github.repository', 'vars.FAULTLINE_REF || github.sha'],
      'game-day.yml': ['vars.FAULTLINE_REPOSITORY || github.repository', 'vars.FAULTLINE_REF || github.sha'],
    };
    for (const [file, [repository, ref]] of Object.entries(sources)) {
      for (const { steps = [] } of Object.values(workflowOf(file).jobs)) {
        const texts = steps.map((step) => JSON.stringify(step));
        const uses = texts.flatMap((text, index) => (/bin\.js|actions\/faultline|npm ci/.test(text) ? [index] : []));
        for (const index of uses) {
          const [step, text = ''] = [steps[index], texts[index]];
          expect(
            step?.['working-directory'] ?? text.match(/\S*(?=\/src\/cli|\/\.github\/actions)/)?.[0],
            text,
          ).to.match(/(^|\W)\.faultline$/);
          const before = steps.slice(0, index).filter((one) => one.with?.path === '.faultline');
          expect(before.map((one) => one.with)).to.deep.equal([
            {
              repository: `\${{ ${repository} }}`,
              ref: `\${{ ${ref} }}`,
              path: '.faultline',
              'persist-credentials': false,
            },
          ]);
        }
      }
    }
  });

  it('tell of every night that has not passed, and also where one way of telling fails', () => {
    const { tell } = workflowOf('nightly.yml').jobs;
    expect(tell?.if).to.equal("always() && needs.drill.result != 'success' && needs.drill.result != 'skipped'");
    expect(tell?.steps?.slice(1).map((step) => step.if)).to.deep.equal(['always()']);
  });

  it('hold a target only while they drill on it', () => {
    const { concurrency, jobs } = workflowOf('game-day.yml');
    expect(concurrency).to.equal(undefined);
    expect(Object.keys(jobs).filter((name) => jobs[name]?.concurrency !== undefined)).to.deep.equal(['drill']);
  });

  it('of drills never meet, and are never cut off by the next one', () => {
    for (const [file, target] of [
      ['nightly.yml', 'vars.FAULTLINE_TARGET'],
      ['game-day.yml', 'inputs.target'],
      ['release-gate.yml', 'inputs.target'],
    ] as const) {
      const groups = textOf(file).match(/concurrency: .*/g) ?? [];
      expect(groups, file).to.have.length(1);
      expect(groups[0], file).to.match(/group: "faultline-\$\{\{.*, cancel-in-progress: false\}$/);
      expect(groups[0], file).to.contain(target);
    }
    expect(textOf('nightly.yml')).to.contain('max-parallel: 1');
  });
});

/** Runs a script as a runner does. Resolves to its exit code, what it says, and its outputs. */
function act(script: string, env: Record<string, string>): { code: number | null; said: string; outputs: string } {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-workflow-'));
  try {
    const files = { GITHUB_OUTPUT: join(folder, 'output'), GITHUB_STEP_SUMMARY: join(folder, 'summary') };
    const { status, stdout } = spawnSync('bash', ['-e', '-c', script], {
      cwd: folder,
      env: { ...process.env, ...files, ...env },
    });
    return {
      code: status,
      said: String(stdout),
      outputs: readFileSync(files.GITHUB_OUTPUT, { flag: 'a+' }).toString(),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the scripts of the workflows', () => {
  it('let a release go on at a pass or an approved override, and tell failed, flaky and inconclusive apart', () => {
    const script = stepsOf('release-gate.yml').find(({ id }) => id === 'decide')?.run ?? '';
    const decide = (DRILL: string, VERDICT: string, OVERRIDE = 'skipped') => act(script, { DRILL, VERDICT, OVERRIDE });
    expect(decide('success', 'pass')).to.deep.equal({ code: 0, said: '', outputs: 'overridden=false\n' });
    const overridden = decide('success', 'fail', 'success');
    expect([overridden.code, overridden.outputs]).to.deep.equal([0, 'overridden=false\noverridden=true\n']);
    const refused = ['fail', 'flaky', 'inconclusive', 'refused', 'unknown', ''].map((verdict) =>
      decide('success', verdict),
    );
    expect(refused.map(({ code }) => code)).to.deep.equal([1, 1, 1, 1, 1, 1]);
    expect(new Set(refused.map(({ said }) => said)).size).to.equal(5);
    const frozen = act(script, { DRILL: 'failure', VERDICT: '', OVERRIDE: 'skipped', FROZEN: 'release\n::week' });
    expect(frozen).to.include({ code: 1 });
    expect(frozen.said).to.match(/^::error title=Release gate::Drills are frozen \(release ::week\)[^\n]*\n$/);
    for (const [drill, verdict] of [
      ['failure', 'pass'],
      ['cancelled', ''],
      ['failure', 'left-behind'],
    ] as const) {
      expect(decide(drill, verdict, 'success').code, `${drill} ${verdict}`).to.equal(1);
    }
  });

  it('respect the freeze switch, before the plan and again before the drill', () => {
    expect(workflowOf('nightly.yml').jobs.drill?.if).to.equal("vars.DRILLS_FROZEN == ''");
    const scripts = ['game-day.yml', 'release-gate.yml'].flatMap((file) =>
      stepsOf(file).flatMap(({ run = '', name }) => (name === 'The freeze switch' ? run : [])),
    );
    expect(scripts).to.have.length(3);
    for (const script of scripts) {
      expect(act(script, { FROZEN: '' }).code).to.equal(0);
      expect(act(script, { FROZEN: 'release $(exit 3) week' })).to.include({
        code: 1,
        said: 'Drills are frozen: release $(exit 3) week\n',
      });
    }
  });
});

describe('the other scripts of the workflows', () => {
  it('take one name only for each target', () => {
    const scripts = FILES.flatMap((file) =>
      stepsOf(file).flatMap(({ run = '', name }) => (name === 'One name for each target' ? run : [])),
    );
    expect(scripts).to.have.length(3);
    expect(new Set(scripts).size).to.equal(1);
    const code = (TARGET: string) => act(scripts[0] ?? '', { TARGET }).code;
    expect(['sandbox', 'targets/a.yaml', 'my targets.yaml', '.config/a..b.yaml'].map(code)).to.deep.equal([0, 0, 0, 0]);
    const others = [
      './targets/a.yaml',
      'targets//a.yaml',
      '/targets/a.yaml',
      'x/../targets/a.yaml',
      'targets/./a.yaml',
    ];
    expect(others.map(code)).to.deep.equal([1, 1, 1, 1, 1]);
  });

  it('record an override with who has approved it, and none without a reason', () => {
    const script = stepsOf('release-gate.yml').find(({ name }) => name === 'The record of it')?.run ?? '';
    const env = { VERDICT: 'fail', BY: 'ann', COMMIT: 'c', RUN: 'r', GITHUB_REPOSITORY: 'o/r', GITHUB_RUN_ID: '1' };
    const record = (REASON: string, gh: string) =>
      act(`gh() { ${gh}; }\n${script}\ncat override.json`, { ...env, REASON });
    expect(['', ' ', ' \t\n '].map((reason) => record(reason, 'false').code)).to.deep.equal([1, 1, 1]);
    // Every runner of GitHub has it; not every machine of a developer.
    if (spawnSync('jq', ['--version']).error !== undefined) return;
    const unread = record('障害の "修正"', 'return 1');
    expect(unread.code).to.equal(0);
    expect(JSON.parse(unread.said)).to.include({ reason: '障害の "修正"', by: 'ann', approvals: null });
    const read = record('x', `echo '[{"by": "bob", "state": "approved"}]'`);
    expect(JSON.parse(read.said).approvals).to.deep.equal([{ by: 'bob', state: 'approved' }]);
  });
});

describe('the page about CI', () => {
  it('names what the command line knows', () => {
    const commands = commandsIn(codeIn(readFileSync(join(ROOT, 'docs/ci.md'), 'utf8')));
    expect(commands.length).to.be.above(3);
    expect(problemsIn(commands)).to.deep.equal([]);
  });
});
