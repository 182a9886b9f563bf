import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { OBJECTIVES } from '../../analysis/objectives/index.ts';
import { shellCommand } from '../../app/shell.ts';
import { FAULT_KINDS, STARTER_FAULT } from '../../faults/index.ts';
import { ENGINE_KINDS } from '../../load/engines.ts';
import { FaultlineError } from '../../model/errors.ts';
import { EXIT } from '../../model/exit.ts';
import { initScenario, scenarioSchema } from '../../scenario/index.ts';
import { writeWhole } from '../../store/run-folder.ts';
import { openConsole } from '../output.ts';

/** The file beside the scenario that its first line names for editors. */
const SCHEMA = 'scenario.schema.json';

/** `faultline init [file]`: never overwrites. The schema for editors comes beside it where there is none. */
export async function init([file = 'scenario.yaml']: readonly string[]): Promise<number> {
  if (existsSync(file)) {
    throw new FaultlineError('USAGE', `${file} exists already`, {
      hint: 'Name another file: faultline init other.yaml',
    });
  }
  const folder = dirname(file);
  if (!existsSync(folder)) {
    throw new FaultlineError('USAGE', `there is no folder ${folder}`, { hint: shellCommand(['mkdir', '-p', folder]) });
  }
  writeWhole(file, initScenario(STARTER_FAULT));
  const schema = join(folder, SCHEMA);
  if (!existsSync(schema))
    writeWhole(schema, `${JSON.stringify(scenarioSchema(FAULT_KINDS, OBJECTIVES, ENGINE_KINDS), null, 2)}\n`);
  openConsole('text').data(`${file} written. Next: ${shellCommand(['faultline', 'validate', file])}`);
  return EXIT.pass;
}
