import { expect } from 'chai';
import fc from 'fast-check';
import { findingOf, resultOf, SCENARIO } from '../testing/results.ts';
import { annotations, lineOf } from './annotations.mjs';
import { annotationCommand, maskCommands } from './commands.mjs';
import { readInputs } from './inputs.mjs';
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
    expect(verdictOf(1, [pass, fail])).to.equal('flaky');
    expect(verdictOf(1, [other, fail])).to.equal('fail');
    expect(verdictOf(1, [fail])).to.equal('fail');
  });

  it('is never a pass for anything but 0, and only what was judged may be overruled', () => {
    const words = [0, 1, 2, 3, 4, 5, 6, 7, 99, 127, 130, 143].map((code) => verdictOf(code, []));
    expect(words).to.deep.equal([
      ...['pass', 'fail', 'invalid', 'refused', 'aborted', 'left-behind', 'inconclusive', 'error', 'error', 'error'],
      ...['cancelled', 'cancelled'],
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
