/** The environment files through which a step tells the runner its outputs, its state and its summary. */
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';

/**
 * A value may hold any line but the delimiter, which nobody can know before.
 *
 * @param {string} name
 * @param {string} value
 */
function entry(name, value) {
  const delimiter = `faultline-${randomUUID()}`;
  return `${name}<<${delimiter}\n${value}\n${delimiter}\n`;
}

/**
 * @param {'GITHUB_OUTPUT' | 'GITHUB_STATE' | 'GITHUB_STEP_SUMMARY'} variable
 * @param {string} text
 */
function append(variable, text) {
  const file = process.env[variable];
  if (file !== undefined && file !== '') appendFileSync(file, text);
}

/**
 * @param {'verdict' | 'exit-code' | 'report-path' | 'run-folder'} name
 * @param {string} value
 */
export function setOutput(name, value) {
  append('GITHUB_OUTPUT', entry(name, value));
}

/** @typedef {'out' | 'entry' | 'target' | 'put-back'} State */

/**
 * What `post` is to know, whatever becomes of `main`.
 *
 * @param {State} name
 * @param {string} value
 */
export function saveState(name, value) {
  append('GITHUB_STATE', entry(name, value));
}

/**
 * @param {State} name
 * @returns {string} empty where `main` has not come so far
 */
export function readState(name) {
  return process.env[`STATE_${name}`] ?? '';
}

/** @param {string} markdown no more than the runner takes of a step: 1 MiB */
export function writeSummary(markdown) {
  append('GITHUB_STEP_SUMMARY', markdown);
}
