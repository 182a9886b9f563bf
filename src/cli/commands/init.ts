import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { OBJECTIVES } from '../../analysis/objectives/index.ts';
import { describeInvalid, InvalidFile } from '../../app/files/load-files.ts';
import { clustersOfContexts, discoverTargets } from '../../app/init/discover-targets.ts';
import { type ChooseService, firstScenario } from '../../app/init/first-scenario.ts';
import { openTarget } from '../../app/targets/index.ts';
import { FAULT_KINDS, STARTER_FAULT } from '../../faults/index.ts';
import { ENGINE_KINDS } from '../../load/engines.ts';
import { FaultlineError } from '../../model/errors.ts';
import { EXIT } from '../../model/exit.ts';
import type { Json } from '../../model/scenario.ts';
import { shellCommand } from '../../model/shell.ts';
import { initScenario, scenarioSchema, targetsSchema } from '../../scenario/index.ts';
import { askInit, type InitOptions } from '../ask-init.ts';
import { type Console, openConsole, reportError } from '../output.ts';
import { refuseFolder, writeNamed } from '../write-file.ts';

/** The files beside a scenario and a targets file that their first lines name for editors. */
const SCENARIO_SCHEMA = 'scenario.schema.json';
const TARGETS_SCHEMA = 'targets.schema.json';
const TARGETS = 'targets.yaml';

/**
 * `faultline init [file]`: never overwrites. The schema for editors comes beside it where there is none. With a target, or
 * contexts of which a targets file is made first, the scenario is for a service of these clusters, which are only read. In
 * a terminal whatever no option says is asked for.
 */
export async function init(
  [file = 'scenario.yaml']: readonly string[],
  { output, ...options }: InitOptions & { readonly output: 'text' | 'json' },
): Promise<number> {
  const out = openConsole(output);
  try {
    await write(file, options, out);
    return EXIT.pass;
  } catch (error) {
    if (!(error instanceof InvalidFile)) return reportError(out, error, EXIT.usage);
    out.say(({ color }) => describeInvalid(error, color));
    return EXIT.usage;
  }
}

async function write(file: string, options: InitOptions, out: Console): Promise<void> {
  refuseExisting(file, 'Name another file: faultline init other.yaml');
  const folder = dirname(file);
  refuseFolder(file);
  const isAsked = process.stdin.isTTY === true && process.stderr.isTTY === true;
  const terminal = { stop: new AbortController().signal, input: process.stdin, output: process.stderr };
  const asked = isAsked ? await askInit(options, terminal) : { options };
  const { text, notes, target } = await written(asked.options, folder, asked.chooseService);
  writeNamed(file, text);
  writeSchema(join(folder, SCENARIO_SCHEMA), scenarioSchema(FAULT_KINDS, OBJECTIVES, ENGINE_KINDS));
  for (const note of notes) out.say(note);
  const next = target === undefined ? ['faultline', 'validate', file] : ['faultline', 'plan', file, '--target', target];
  if (out.json) out.data(JSON.stringify({ file, ...(target !== undefined && { target }), notes, next }));
  else out.data(`${file} written. Next: ${shellCommand(next)}`);
}

type Written = { readonly text: string; readonly notes: readonly string[]; readonly target?: string };

async function written(options: InitOptions, folder: string, choose: ChooseService | undefined): Promise<Written> {
  const { target, service, fromContext, kubeconfig } = options;
  if (fromContext !== undefined) {
    if (target !== undefined) throw new FaultlineError('USAGE', '--target and --from-context exclude each other');
    const targets = join(folder, TARGETS);
    refuseExisting(targets, `Use it: --target ${targets}`);
    const clusters = clustersOfContexts(fromContext.split(','), kubeconfig);
    const found = await discoverTargets(clusters, targets, service, choose);
    writeNamed(targets, found.targets);
    writeSchema(join(folder, TARGETS_SCHEMA), targetsSchema());
    return { text: found.scenario, notes: found.notes, target: targets };
  }
  if (kubeconfig !== undefined)
    throw new FaultlineError('USAGE', '--kubeconfig says where the contexts of --from-context are');
  if (target === undefined && service === undefined) return { text: initScenario(STARTER_FAULT), notes: [] };
  if (target === undefined) {
    throw new FaultlineError('USAGE', '--service names a Service of a target', {
      hint: 'Add --target TARGETS.yaml, or --from-context CONTEXT.',
    });
  }
  const open = await openTarget(target, undefined);
  try {
    return { ...(await firstScenario(open, service, choose)), target };
  } finally {
    await open.close();
  }
}

function refuseExisting(file: string, hint: string): void {
  if (existsSync(file)) throw new FaultlineError('USAGE', `${file} exists already`, { hint });
}

function writeSchema(file: string, schema: Json): void {
  if (!existsSync(file)) writeNamed(file, `${JSON.stringify(schema, null, 2)}\n`);
}
