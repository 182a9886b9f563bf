import { OBJECTIVES } from '../../analysis/objectives/index.ts';
import { FAULT_KINDS } from '../../faults/index.ts';
import { ENGINE_KINDS } from '../../load/engines.ts';
import { EXIT } from '../../model/exit.ts';
import { resultSchema } from '../../report/result-schema.ts';
import { scenarioSchema, targetsSchema } from '../../scenario/index.ts';
import { openConsole } from '../output.ts';

/** `faultline schema [scenario|targets|result]` */
export async function schema([kind = 'scenario']: readonly string[]): Promise<number> {
  openConsole('text').data(JSON.stringify(SCHEMAS[kind]?.(), null, 2));
  return EXIT.pass;
}

const SCHEMAS: Readonly<Record<string, () => unknown>> = {
  scenario: () => scenarioSchema(FAULT_KINDS, OBJECTIVES, ENGINE_KINDS),
  targets: targetsSchema,
  result: () => resultSchema(OBJECTIVES),
};
