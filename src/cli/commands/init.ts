import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { OBJECTIVES } from '../../analysis/objectives/index.ts';
import { shellCommand } from '../../app/shell.ts';
import { openTarget } from '../../app/targets/index.ts';
import { FAULT_KINDS, STARTER_FAULT } from '../../faults/index.ts';
import { readForLint } from '../../lint/read.ts';
import { ENGINE_KINDS } from '../../load/engines.ts';
import { FaultlineError } from '../../model/errors.ts';
import { EXIT } from '../../model/exit.ts';
import { initScenario, scenarioSchema, starterScenario } from '../../scenario/index.ts';
import { suggest } from '../../starter/suggest.ts';
import { writeWhole } from '../../store/run-folder.ts';
import { openConsole } from '../output.ts';

/** The file beside the scenario that its first line names for editors. */
const SCHEMA = 'scenario.schema.json';

type Options = { readonly target?: string; readonly service?: string };

/**
 * `faultline init [file]`: never overwrites. The schema for editors comes beside it where there is none. With a target the
 * scenario is for a service of its clusters, which are only read.
 */
export async function init([file = 'scenario.yaml']: readonly string[], options: Options): Promise<number> {
  if (existsSync(file)) {
    throw new FaultlineError('USAGE', `${file} exists already`, {
      hint: 'Name another file: faultline init other.yaml',
    });
  }
  const folder = dirname(file);
  if (!existsSync(folder)) {
    throw new FaultlineError('USAGE', `there is no folder ${folder}`, { hint: shellCommand(['mkdir', '-p', folder]) });
  }
  const { text, notes } = await written(options);
  writeWhole(file, text);
  const schema = join(folder, SCHEMA);
  if (!existsSync(schema))
    writeWhole(schema, `${JSON.stringify(scenarioSchema(FAULT_KINDS, OBJECTIVES, ENGINE_KINDS), null, 2)}\n`);
  const out = openConsole('text');
  for (const note of notes) out.say(note);
  const at = options.target === undefined ? [] : ['--target', options.target];
  const next = at.length === 0 ? ['faultline', 'validate', file] : ['faultline', 'plan', file, ...at];
  out.data(`${file} written. Next: ${shellCommand(next)}`);
  return EXIT.pass;
}

type Written = { readonly text: string; readonly notes: readonly string[] };

async function written({ target, service }: Options): Promise<Written> {
  if (target === undefined && service === undefined) return { text: initScenario(STARTER_FAULT), notes: [] };
  if (target === undefined) {
    throw new FaultlineError('USAGE', '--service names a Service of a target', { hint: 'Add --target TARGETS.yaml.' });
  }
  const open = await openTarget(target, undefined);
  try {
    const clusters = [...open.clusters.values()].map(({ cluster }) => cluster);
    const { starter, notes } = suggest(await readForLint(clusters, open.target, undefined), service);
    return { text: starterScenario(starter), notes };
  } finally {
    await open.close();
  }
}
