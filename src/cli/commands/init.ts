import { existsSync } from 'node:fs';
import { FaultlineError } from '../../model/errors.ts';
import { EXIT } from '../../model/exit.ts';
import { initScenario } from '../../scenario/index.ts';
import { writeWhole } from '../../store/run-folder.ts';
import { openConsole } from '../output.ts';
import { shellCommand } from '../shell.ts';

/** `faultline init [file]`: never overwrites. */
export async function init([file = 'scenario.yaml']: readonly string[]): Promise<number> {
  if (existsSync(file)) {
    throw new FaultlineError('USAGE', `${file} exists already`, {
      hint: 'Name another file: faultline init other.yaml',
    });
  }
  writeWhole(file, initScenario());
  openConsole('text').data(`${file} written. Next: ${shellCommand(['faultline', 'validate', file])}`);
  return EXIT.pass;
}
