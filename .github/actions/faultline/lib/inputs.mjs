/** The inputs of the action, read and checked: GitHub itself enforces none. */
import { globSync } from 'node:fs';
import { resolve } from 'node:path';

/** What whoever wrote the workflow has to mend. */
export class InputError extends Error {}

/**
 * @typedef {object} Inputs
 * @property {readonly string[]} scenarios files, each once, sorted
 * @property {string} target
 * @property {string} repeat empty for once
 * @property {string} expect empty for a pass
 * @property {string} hypothesis empty for that of the scenario
 * @property {boolean} recoverFirst
 * @property {{ readonly passRate: string, readonly confidence: string } | undefined} gate
 * @property {readonly string[]} more arguments for run
 * @property {string} out
 * @property {readonly string[]} mask names of environment variables
 * @property {string} version empty for any
 * @property {string} cli empty for the one that came with the action
 */

/** @typedef {Readonly<Record<string, string | undefined>>} Environment */

/**
 * @param {Environment} env
 * @param {string} name
 */
function input(env, name) {
  return (env[`INPUT_${name.toUpperCase()}`] ?? '').trim();
}

/**
 * @param {Environment} env
 * @param {string} name
 */
function lines(env, name) {
  return input(env, name)
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/**
 * @param {Environment} env
 * @param {string} name
 * @param {RegExp} form
 * @param {string} words
 */
function checked(env, name, form, words) {
  const value = input(env, name);
  if (value !== '' && !form.test(value)) throw new InputError(`${name}: ${JSON.stringify(value)} is not ${words}`);
  return value;
}

/**
 * @param {Environment} env
 * @returns {string[]}
 */
function scenariosIn(env) {
  const globs = lines(env, 'scenarios');
  if (globs.length === 0) throw new InputError('scenarios: name at least one scenario file');
  const found = globs.map((glob) => {
    const files = globSync(glob);
    if (files.length === 0) throw new InputError(`scenarios: no file matches ${JSON.stringify(glob)}`);
    return files;
  });
  return [...new Set(found.flat())].sort();
}

/** Options of run that the action gives itself, in every form that the command line reads; what stands after `--` is a file. */
const OWN = /^(--(out|target)(?=$|[=\s])|-y*t|--$)/;

/**
 * Where the run folders are and which clusters are asked is what `post` goes by.
 *
 * @param {Environment} env
 */
function argumentsIn(env) {
  const more = lines(env, 'arguments');
  const own = more.find((one) => OWN.test(one));
  if (own === undefined) return more;
  throw new InputError(`arguments: ${JSON.stringify(own)}: use the inputs out, target and scenarios for that`);
}

/**
 * A share as `gate` reads it; the zero before the point may be left out.
 *
 * @param {Environment} env
 * @param {string} name
 * @param {(ratio: number) => boolean} is
 * @param {string} words
 */
function share(env, name, is, words) {
  const written = input(env, name);
  const value = written.replace(/^\./, '0.');
  // The point is moved in the text: 99.9 / 100 is another number.
  const ratio = Number(value.endsWith('%') ? `${value.slice(0, -1)}e-2` : value);
  const isShare = /^(\d(\.\d{1,12})?|\d{1,3}(\.\d{1,6})?%)$/.test(value) && is(ratio);
  if (value === '' || isShare) return value;
  throw new InputError(`${name}: ${JSON.stringify(written)} is not ${words}`);
}

/**
 * Throws InputError for what cannot be meant.
 *
 * @param {Environment} env
 * @returns {Inputs}
 */
export function readInputs(env) {
  // There a stranger's scenario, which may name programs to run, meets the secrets of the repository.
  if (env.GITHUB_EVENT_NAME === 'pull_request_target') {
    throw new InputError('drills do not run on pull_request_target: a scenario from a fork would see your secrets');
  }
  const repeat = checked(env, 'repeat', /^[1-9]\d{0,4}$/, 'a number of runs');
  const passRate = share(env, 'gate-pass-rate', (ratio) => ratio > 0 && ratio < 1, 'a share below 1 such as 0.95');
  const confidence = share(
    env,
    'gate-confidence',
    (ratio) => ratio >= 0.5 && ratio <= 0.999999,
    'a share from 0.5 to 0.999999 such as 0.95',
  );
  return {
    scenarios: scenariosIn(env),
    target: input(env, 'target') || 'sandbox',
    repeat: repeat === '1' ? '' : repeat,
    expect: input(env, 'expect'),
    hypothesis: input(env, 'hypothesis'),
    recoverFirst: checked(env, 'recover-first', /^(true|false)$/, 'true or false') === 'true',
    gate: passRate === '' ? undefined : { passRate, confidence: confidence || '0.95' },
    more: argumentsIn(env),
    out: resolve(input(env, 'out') || 'faultline-reports'),
    mask: lines(env, 'mask'),
    version: input(env, 'version'),
    cli: input(env, 'cli'),
  };
}

/**
 * The command line of a run.
 *
 * @param {Inputs} inputs
 * @returns {string[]}
 */
export function runArguments({ scenarios, target, out, repeat, gate, expect, hypothesis, more }) {
  return [
    ...['run', '--yes', '--target', target, '--out', out],
    ...(repeat === '' ? [] : ['--repeat', repeat]),
    // A series asks its own gate, and ends when nothing can change the answer any more.
    ...(repeat === '' || gate === undefined ? [] : gateOptions(gate)),
    ...(expect === '' ? [] : ['--expect', expect]),
    // A text of JSON is one of YAML, whatever it holds.
    ...(hypothesis === '' ? [] : ['--set', `spec.hypothesis=${JSON.stringify(hypothesis)}`]),
    ...more,
    '--',
    ...scenarios,
  ];
}

/** @param {NonNullable<Inputs['gate']>} gate */
function gateOptions({ passRate, confidence }) {
  return ['--pass-rate', passRate, '--confidence', confidence];
}

/**
 * The command line of the gate over the runs of a folder; undefined where none was asked for, or a series has asked its own.
 *
 * @param {Inputs} inputs
 * @returns {string[] | undefined}
 */
export function gateArguments({ out, gate, repeat, expect }) {
  if (gate === undefined || repeat !== '') return undefined;
  return ['gate', out, ...gateOptions(gate), ...(expect === '' ? [] : ['--expect', expect])];
}
