import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Entry } from '../../matrix/cell.ts';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import { parseExpectation } from '../../trend/expectation.ts';
import { loadScenario } from '../files/load-files.ts';
import { topologyOf } from '../targets/scenario-needs.ts';

const FAILURE = 'matrix.faultline.dev/failure';
const EXPECTED = 'matrix.faultline.dev/expected';
const CLAIM = 'matrix.faultline.dev/claim';

/** A scenario of the matrix. */
export type MatrixFile = { readonly file: string; readonly entry: Entry };

/**
 * The scenarios of the matrix: files that are named, and those in folders, however deep, in the order of their paths. Throws
 * FILE_UNREADABLE for a path that is not there, InvalidFile for a scenario that is not valid, and NAME_UNKNOWN for one
 * that does not say which square it is for.
 */
export function matrixFiles(paths: readonly string[], objectives: readonly string[]): MatrixFile[] {
  const files = paths.flatMap(scenariosAt);
  if (files.length === 0) throw new FaultlineError('USAGE', `${paths.join(', ')}: no scenario (*.yaml) found`);
  return files.map((file) => ({ file, entry: entryOf(file, objectives) }));
}

function scenariosAt(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
  } catch (error) {
    throw new FaultlineError('FILE_UNREADABLE', `${path}: ${messageOf(error)}`, { cause: error });
  }
  const found = readdirSync(path, { recursive: true, encoding: 'utf8' });
  return found
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(path, name));
}

function entryOf(file: string, objectives: readonly string[]): Entry {
  const { value } = loadScenario(file, []);
  const { [FAILURE]: failure, [EXPECTED]: expected, [CLAIM]: claim } = value.annotations;
  if (failure === undefined || expected === undefined) {
    const missing = failure === undefined ? FAILURE : EXPECTED;
    throw new FaultlineError('FIELD_MISSING', `${file}: metadata.annotations has no ${missing}`, {
      hint: `A scenario of the matrix says ${FAILURE} (a word of its own, such as zone) and ${EXPECTED} (pass, fail:errorBudget ...).`,
    });
  }
  parseExpectation(expected.trim(), objectives);
  return {
    scenario: value.name,
    topology: topologyOf(value).name,
    failure: failure.trim(),
    expected: expected.trim(),
    ...(claim === undefined ? {} : { claim: claim.trim() }),
  };
}
