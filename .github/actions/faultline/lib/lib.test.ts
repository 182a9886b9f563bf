import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { parseRequirements } from '../../../../src/trend/gate/requirements.ts';
import { findingOf, resultOf, SCENARIO } from '../testing/results.ts';
import { annotations, lineOf } from './annotations.mjs';
import { annotationCommand, maskCommands } from './commands.mjs';
import { readInputs } from './inputs.mjs';
import { isPutBack, toAsk } from './left.mjs';
import { hasRuns } from './runs.mjs';
import { secretValues } from './secrets.mjs';
import { summary } from './summary.mjs';
import { isJudged, verdictOf, worstRun } from './verdict.mjs';

const runOf = (...args: Parameters<typeof resultOf>) => ({ folder: `out/${args[1]}`, result: resultOf(...args) });

describe('workflow commands', () => {
  it('stay one command of one line, whatever a text holds, and give back what was said', () => {
    const text = fc.string({ unit: fc.constantFrom('%', '\r', '\n', ':', ',', '0A', '::error::', 'a', 'é') });
    fc.assert(
      fc.property(text, text, text, (title, message, file) => {
        const command = annotationCommand({ level: 'error', title, message, file, line: 3 });
        expect(command).to.not.match(/[\r\n]/);
        const [, properties = '', data = ''] = /^::error ([^:]*)::(.*)$/.exec(command) ?? [];
        const back = (escaped: string) => decodeURIComponent(escaped.replace(/%(?!0A|0D|25|3A|2C)/g, '%25'));
        expect(back(data)).to.equal(message);
        expect(properties.split(',').map(back)).to.deep.equal([`file=${file}`, 'line=3', `title=${title}`]);
      }),
    );
  });

  it('are not longer than the runner shows', () => {
    const command = annotationCommand({ level: 'error', title: 't', message: 'x'.repeat(5_000) });
    expect(command).to.have.length.below(4_096);
  });

  it('hide each line of a value, and nothing that is everywhere', () => {
    expect(maskCommands('one%\nab\n two ')).to.deep.equal([
      '::add-mask::one%25%0Aab%0A two',
      '::add-mask::one%25',
      '::add-mask::two',
    ]);
  });
});

describe('annotations of runs', () => {
  it('stand at the objective, the fault, the expectations, or the first line', () => {
    const line = (objective: string, subject = 'x', text = SCENARIO) => lineOf(text, { objective, subject });
    expect(line('recoveryTime')).to.equal(6);
    expect(line('errorBudget')).to.equal(7);
    expect(line('faultEffect', 'mockb-down')).to.equal(4);
    expect(line('loadQuality', 'load')).to.equal(5);
    expect(line('loadQuality', 'load', 'spec: {}\n')).to.equal(1);
    expect(line('errorBudget', 'x', 'a: 1\nexpect: { recoveryTime: {within: 5s}, errorBudget: {total: 3} }')).to.equal(
      2,
    );
    expect(line('errorBudget', 'x', 'expect:\n  # errorBudget: none\n  errorBudget: {total: 3}')).to.equal(3);
  });

  it('are errors and warnings at their lines, as many as are shown, and how many more there are', () => {
    const findings = [
      findingOf('recoveryTime', 'fail'),
      findingOf('loadQuality', 'pass'),
      findingOf('faultEffect', 'inconclusive', 'mockb-down'),
      ...Array.from({ length: 12 }, () => findingOf('errorBudget', 'fail')),
    ];
    const all = annotations([runOf('fail', 1, findings)], false);
    expect(all[0]).to.deep.equal({
      ...{ level: 'error', file: 'drills/shop.yaml', line: 6 },
      ...{ title: 'shop: of recoveryTime', message: 'line one\nline two, 100 %' },
    });
    expect(all.filter(({ level }) => level === 'warning').map(({ line }) => line)).to.deep.equal([4]);
    const errors = all.filter(({ level }) => level === 'error');
    expect(errors).to.have.length(10);
    expect(errors.at(-1)?.title).to.equal('4 more');
  });

  it('are no errors where the step has passed', () => {
    const [one] = annotations([runOf('fail', 1, [findingOf('recoveryTime', 'fail')])], true);
    expect(one?.level).to.equal('notice');
  });
});

describe('the verdict of a step', () => {
  it('tells flaky from failed: the same scenario has passed, too', () => {
    const pass = runOf('pass', 0);
    const fail = runOf('fail', 1);
    const other = { ...pass, result: { ...pass.result, run: { runId: 'r', scenario: { name: 'other' } } } };
    expect(verdictOf(1, [pass, fail], false)).to.equal('flaky');
    expect(verdictOf(1, [other, fail], false)).to.equal('fail');
    expect(verdictOf(1, [fail], false)).to.equal('fail');
  });

  it('is failed where a gate has shown it, whatever else has passed', () => {
    expect(verdictOf(1, [runOf('pass', 0), runOf('fail', 1)], true)).to.equal('fail');
    expect(verdictOf(6, [runOf('pass', 0), runOf('fail', 1)], true)).to.equal('inconclusive');
  });

  it('is never a pass for anything but 0, and only what was judged may be overruled', () => {
    const words = [0, 1, 2, 3, 4, 5, 6, 7, 99, 127, 129, 130, 143, 137, 139, 134].map((code) =>
      verdictOf(code, [], false),
    );
    expect(words).to.deep.equal([
      ...['pass', 'fail', 'invalid', 'refused', 'aborted', 'left-behind', 'inconclusive', 'error', 'error', 'error'],
      ...['cancelled', 'cancelled', 'cancelled', 'error', 'error', 'error'],
    ]);
    expect([0, 1, 2, 3, 4, 5, 6, 7, 130].filter(isJudged)).to.deep.equal([0, 1, 6]);
  });

  it('is shown by the run that says most', () => {
    const runs = [runOf('pass', 0), runOf('fail', 1), runOf('inconclusive', 6), { folder: 'x', result: undefined }];
    expect(worstRun(runs)?.folder).to.equal('out/1');
    expect(worstRun([...runs, runOf('pass', 5), runOf('fail', 7)])?.folder).to.equal('out/5');
    expect(worstRun([])).to.equal(undefined);
  });
});

describe('what a job may have left', () => {
  it('is nothing where faultline has said so, by its code and by a result of each run', () => {
    const lost = { folder: 'out/lost', result: undefined };
    const all = Array.from({ length: 256 }, (_, code) => code);
    expect(all.filter((code) => isPutBack(code, [runOf('pass', 0)]))).to.deep.equal([0, 1, 2, 3, 4, 6]);
    expect(all.filter((code) => isPutBack(code, [runOf('pass', 0), lost]))).to.deep.equal([2, 3]);
    expect(all.filter((code) => isPutBack(code, []))).to.deep.equal([2, 3]);
  });

  it('is asked of the clusters unless that was said, and of the run folders that are there', () => {
    const [folders, scan] = [
      ['--out', 'o'],
      ['--scan', '--target', 't.yaml'],
    ];
    const asked = (hasRuns: boolean, isPutBack: boolean, target = 't.yaml') =>
      toAsk({ out: 'o', hasRuns, target, isPutBack });
    expect(asked(true, false)).to.deep.equal([folders, scan]);
    expect(asked(false, false)).to.deep.equal([scan]);
    expect(asked(true, true)).to.deep.equal([folders]);
    expect(asked(false, true)).to.deep.equal([]);
    expect(asked(true, false, 'sandbox')).to.deep.equal([folders]);
    expect(['package.json', 'package.json/x', 'nowhere', 'src'].map(hasRuns), 'no folder of runs').to.deep.equal([
      ...[false, false, false, false],
    ]);
    const out = mkdtempSync(join(tmpdir(), 'faultline-out-'));
    mkdirSync(join(out, 'matrix', 'kept'), { recursive: true });
    expect(hasRuns(out)).to.equal(false);
    writeFileSync(join(out, 'matrix', 'kept', 'journal.ndjson'), '');
    expect(hasRuns(out), 'whatever its name is').to.equal(true);
    rmSync(out, { recursive: true });
    expect(asked(false, false, 'lab')).to.deep.equal([['--scan', '--target', 'lab']]);
  });
});

describe('the summary', () => {
  it('holds no markup of others, and a row for a run that has not ended', () => {
    const text = summary([runOf('fail', 1), { folder: 'out/lost', result: undefined }], { verdict: 'fail' });
    expect(text).to.not.contain('<b>');
    expect(text).to.contain('| shop | `1` | **fail**: because of &#124; &#60;b&#62;this');
    expect(text).to.contain('`lost` | no result');
  });

  it('stays below the mebibyte that the runner takes, however much there is to say', () => {
    const many = Array.from({ length: 3_000 }, () => runOf('fail', 1));
    const text = summary(many, { verdict: 'fail', gate: '€'.repeat(100_000) });
    expect(Buffer.byteLength(text)).to.be.below(1_048_576);
    expect(text).to.contain('2500 more runs');
  });
});

describe('inputs', () => {
  const read =
    (inputs: Record<string, string>, env: Record<string, string> = {}) =>
    () =>
      readInputs({
        ...env,
        ...Object.fromEntries(Object.entries(inputs).map(([k, v]) => [`INPUT_${k.toUpperCase()}`, v])),
      });

  it('that cannot be meant are refused by name', () => {
    const wrong: [Record<string, string>, RegExp][] = [
      [{ scenarios: '' }, /^scenarios/],
      [{ scenarios: 'nobody/*.yaml' }, /no file matches "nobody/],
      [{ scenarios: 'package.json', repeat: '3; rm -rf /' }, /^repeat/],
      [{ scenarios: 'package.json', repeat: '0' }, /^repeat/],
      [{ scenarios: 'package.json', 'gate-pass-rate': '95' }, /^gate-pass-rate/],
      [{ scenarios: 'package.json', 'gate-pass-rate': '0.9', 'gate-confidence': '1' }, /^gate-confidence/],
    ];
    for (const [inputs, message] of wrong) expect(read(inputs), JSON.stringify(inputs)).to.throw(message);
  });

  it('leave the run folders and the clusters to the action, in every form that the command line reads', () => {
    const base = { scenarios: 'package.json' };
    const own = [
      '--out',
      '--out=x',
      '--out x',
      '--target',
      '--target=x',
      '-t',
      '-tx.yaml',
      '-t=x',
      '-yt',
      '-yytx',
      '--',
    ];
    for (const one of own) {
      expect(read({ ...base, arguments: `--wait\n5m\n  ${one}\nelsewhere` }), one).to.throw(
        /^arguments: .*use the inputs/,
      );
    }
    const free = ['--output', 'json', '-y', '-otext', '--yes', '--allow-protected', 'tokyo', '--targets', '-5'];
    expect(read({ ...base, arguments: free.join('\n') })().more).to.deep.equal(free);
  });

  it('of a gate are those that the gate takes, and none that it refuses after the drill', () => {
    const digits = fc.string({ unit: fc.constantFrom('0', '1', '5', '9', '.', '%'), minLength: 1, maxLength: 8 });
    const isTaken = (act: () => unknown) => {
      try {
        return act();
      } catch {
        return undefined;
      }
    };
    const known = [
      '.95',
      '1',
      '1.0',
      '0.95',
      '95%',
      '100%',
      '99.9%',
      '.4',
      '0.4',
      '0.5',
      '0',
      '0%',
      '150%',
      '0.9999999',
      '.5%',
    ];
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...known), digits), (text) => {
        for (const [input, option] of [
          ['gate-pass-rate', 'passRate'],
          ['gate-confidence', 'confidence'],
        ] as const) {
          const inputs = { scenarios: 'package.json', 'gate-pass-rate': '0.9', [input]: text };
          const gate = isTaken(read(inputs)) as { gate?: { passRate: string; confidence: string } } | undefined;
          const byGate = isTaken(() => parseRequirements({ [option]: text.replace(/^\./, '0.') }));
          expect(gate !== undefined, `${input} ${text}`).to.equal(byGate !== undefined);
          if (gate?.gate !== undefined) parseRequirements(gate.gate);
        }
      }),
    );
  });

  it('of a stranger do not meet the secrets of the repository', () => {
    const env = { GITHUB_EVENT_NAME: 'pull_request_target' };
    expect(read({ scenarios: 'package.json' }, env)).to.throw(/pull_request_target/);
  });

  it('name each scenario once, in order', () => {
    const { scenarios } = read({ scenarios: 'tsconfig.json\n*.json\n package.json' })();
    expect(scenarios).to.include.members(['package.json', 'tsconfig.json']);
    expect(scenarios).to.deep.equal([...new Set(scenarios)].sort());
  });
});

describe('what no log may show', () => {
  const env = { TOK: 'secret-one', OTHER: 'secret-two', CI: 'true', GITHUB_SHA: 'abcdef' };
  const values = (text: string, more: string[] = [], mask: string[] = []) => {
    const folder = mkdtempSync(join(tmpdir(), 'faultline-secrets-'));
    try {
      writeFileSync(join(folder, 'a.yaml'), text);
      return secretValues({ scenarios: [join(folder, 'a.yaml')], target: 'sandbox', more, mask }, env);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  it('is named in every way that YAML has', () => {
    const ways = [
      'x: {env: TOK}',
      'x: {"env": TOK}',
      'x: {"env":"TOK"}',
      "x: {'env': 'TOK'}",
      'x: {env: &a TOK}',
      'x: {env: !!str TOK}',
      'x: {env: !!str &a "TOK"}',
      'x: {? env : TOK}',
      'x:\n  ? env\n  : TOK',
      'x:\n  env:\n    TOK',
      'x:\n  env: # which\n    TOK',
      'x:\n  env: >-\n    TOK',
      'x:\n  "env" : |\n    TOK\n',
      'x:\n  &k env: TOK',
      'n: &n TOK\nx: {env: *n}',
      'x: {"\\x65nv": "T\\x4fK"}',
      'x: {env: "T\\u004FK"}',
      'x: {env: "T\\U0000004FK"}',
      'x: {env: "TO\\\n    K"}',
      'x: &e {env: TOK}\ny: {<<: *e}',
      '{"x": {"env": "TOK"}}',
    ];
    for (const way of ways) expect(values(way), way).to.deep.equal(['secret-one']);
  });

  it('is named by arguments and by `mask`, and is not what every runner has', () => {
    expect(values('a: 1', ['--set', 'spec.load.headers.a={env: TOK}'], ['OTHER'])).to.have.members(
      Object.values(env).slice(0, 2),
    );
    expect(values('# in CI, of GITHUB_SHA, TOKEN\nenv: CIX\n')).to.deep.equal([]);
    expect(values('x: {env: CI}')).to.deep.equal(['true']);
  });
});
