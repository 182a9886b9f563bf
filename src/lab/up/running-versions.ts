import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FaultlineError } from '../../model/errors.ts';
import type { LabVersions } from '../versions.ts';

/** Writes down what a lab is started from: it may be another build than that of LAB_VERSIONS. */
export function recordVersions(folder: string, versions: LabVersions): void {
  writeFileSync(pathOf(folder), JSON.stringify(versions), { mode: 0o600 });
}

/** What the lab in this folder was started from. Throws LAB where it does not say. */
export function runningVersions(folder: string): LabVersions {
  try {
    return JSON.parse(readFileSync(pathOf(folder), 'utf8')) as LabVersions;
  } catch (cause) {
    throw new FaultlineError('LAB', `${pathOf(folder)} does not say what the lab was built from`, {
      hint: 'Start the lab anew: faultline lab down, faultline lab up',
      cause,
    });
  }
}

function pathOf(folder: string): string {
  return join(folder, 'versions.json');
}
