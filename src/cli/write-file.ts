import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { FaultlineError } from '../model/errors.ts';
import { shellCommand } from '../model/shell.ts';
import { writeWhole } from '../store/run-folder.ts';

/** Throws USAGE where a file of this name can have no folder. */
export function refuseFolder(file: string): void {
  const folder = dirname(file);
  if (!existsSync(folder)) {
    throw new FaultlineError('USAGE', `there is no folder ${folder}`, { hint: shellCommand(['mkdir', '-p', folder]) });
  }
  if (!statSync(folder).isDirectory()) {
    throw new FaultlineError('USAGE', `${folder} is no folder`, { hint: 'Name a file in a folder that there is.' });
  }
}

/** Writes a file whose name somebody has given, whole or not at all. Throws USAGE where that is not possible. */
export function writeNamed(file: string, text: string): void {
  refuseFolder(file);
  try {
    writeWhole(file, text);
  } catch (error) {
    if (!(error instanceof FaultlineError)) throw error;
    throw new FaultlineError('USAGE', error.message, {
      hint: 'Name a file in a folder that may be written.',
      cause: error,
    });
  }
}
