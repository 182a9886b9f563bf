import { OBJECTIVES } from '../../analysis/objectives/index.ts';
import { FAULT_KINDS } from '../../faults/index.ts';
import { ENGINE_KINDS } from '../../load/engines.ts';
import { FaultlineError } from '../../model/errors.ts';
import { EXIT } from '../../model/exit.ts';
import { resultSchema } from '../../report/result-schema.ts';
import { scenarioSchema, targetsSchema } from '../../scenario/index.ts';
import { openConsole } from '../output.ts';

/** `faultline schema [scenario|targets|result]` */
export async function schema([kind = 'scenario']: readonly string[]): Promise<number> {
  openConsole('text').data(JSON.stringify(schemaOf(kind), null, 2));
  return EXIT.pass;
}

function schemaOf(kind: string): unknown {
  switch (kind) {
    case 'scenario':
      return scenarioSchema(FAULT_KINDS, OBJECTIVES, ENGINE_KINDS);
    case 'targets':
      return targetsSchema();
    case 'result':
      return resultSchema(OBJECTIVES);
    default:
      throw new FaultlineError('USAGE', `there is no schema ${kind}`, { hint: 'scenario, targets or result' });
  }
}
