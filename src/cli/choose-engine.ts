import { type FoundK6, findK6, k6ConsoleEngine, k6Engine, type ScriptFiles, undiciEngine } from '../load/index.ts';
import { FaultlineError } from '../model/errors.ts';
import type { LoadEngine } from '../model/ports.ts';
import type { Load } from '../model/scenario.ts';

/** Requests per second that one process of Node carries and still measures well. */
const UNDICI_LIMIT = { kept: 1000, fresh: 500 } as const;

/** The engine of a run; `why` is for the history where the scenario left a choice or asked for k6. */
export type ChosenEngine = {
  readonly engine: LoadEngine;
  readonly why?: { readonly level: 'info' | 'warning'; readonly text: string };
};

/** What there is to choose from. */
export type Choice = {
  readonly load: Load;
  /** How many paths the load goes over. */
  readonly paths: number;
  readonly script?: ScriptFiles | undefined;
  /** Opens the load cluster of the target. Throws where the target has none. */
  readonly fromPods: () => LoadEngine;
  readonly find?: () => Promise<readonly FoundK6[]>;
};

/**
 * The engine that carries the load. Rejects with FaultlineError LOAD when the scenario asks for k6 and there is none that
 * can send it.
 */
export async function chooseEngine(choice: Choice): Promise<ChosenEngine> {
  const { load, paths, find = findK6 } = choice;
  const wanted = load.engine ?? 'undici';
  if (wanted === 'undici') return { engine: undiciEngine() };
  if (wanted === 'k6-operator') {
    return { engine: choice.fromPods(), why: { level: 'info', text: 'load by k6 from pods of the load cluster' } };
  }
  const rate = load.ratePerSecond * paths;
  const limit = UNDICI_LIMIT[load.connections];
  const asked = `${Number(rate.toFixed(2))} requests/s over ${load.connections} connections`;
  if (wanted === 'auto' && rate <= limit) {
    const text = `load by undici: it carries ${asked} (up to ${limit}/s)`;
    return { engine: undiciEngine(), why: { level: 'info', text } };
  }
  const found = await find();
  const usable = engineOf(choice, found);
  if (usable !== undefined) {
    const reason = wanted === 'k6' ? 'the scenario asks for it' : `${asked} are past what undici carries (${limit}/s)`;
    return { engine: usable.engine, why: { level: 'info', text: `load by ${usable.words}: ${reason}` } };
  }
  const missing = found.map((k6) => `${k6.path}: ${k6.problem ?? NO_EXTENSION}`).join('; ') || 'no k6 was found';
  if (wanted === 'k6') {
    throw new FaultlineError('LOAD', `The scenario asks for k6, and there is none that can be used: ${missing}.`, {
      hint: INSTALL,
    });
  }
  const text = `load by undici, although ${asked} are past what it carries (${limit}/s): ${missing}. Run: faultline k6 build`;
  return { engine: undiciEngine(), why: { level: 'warning', text } };
}

const INSTALL =
  'Run: faultline k6 build (it needs Go 1.25 or newer). Or install k6 2 and set load.connections to fresh; FAULTLINE_K6 names one that is not on PATH.';
const NO_EXTENSION = 'it has no faultline extension, and k6 itself hides errors on kept connections';

/** A script goes over k6's own client; without one the extension is better, and kept connections need it. */
function engineOf(
  { load, script }: Choice,
  found: readonly FoundK6[],
): { engine: LoadEngine; words: string } | undefined {
  const working = found.filter((k6) => k6.problem === undefined);
  const extended = working.find((k6) => k6.extension);
  if (script === undefined && extended !== undefined) {
    return { engine: k6Engine({ binary: extended.path }), words: `k6 ${extended.version} (${extended.path})` };
  }
  const [any] = working;
  if (any === undefined || load.connections === 'kept') return undefined;
  const what = script === undefined ? 'without the extension' : `with the script ${script.main}`;
  const engine = k6ConsoleEngine({ binary: any.path, ...(script === undefined ? {} : { script }) });
  return { engine, words: `k6 ${any.version} (${any.path}) ${what}` };
}
