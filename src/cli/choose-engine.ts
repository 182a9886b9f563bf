import { type FoundK6, findK6, k6Engine, undiciEngine } from '../load/index.ts';
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

/**
 * The engine that carries the load over this many paths. Rejects with FaultlineError LOAD when the scenario asks for k6
 * and there is none.
 */
export async function chooseEngine(
  load: Load,
  paths: number,
  find: () => Promise<readonly FoundK6[]> = findK6,
): Promise<ChosenEngine> {
  const wanted = load.engine ?? 'undici';
  if (wanted === 'undici') return { engine: undiciEngine() };
  const rate = load.ratePerSecond * paths;
  const limit = UNDICI_LIMIT[load.connections];
  const asked = `${Number(rate.toFixed(2))} requests/s over ${load.connections} connections`;
  if (wanted === 'auto' && rate <= limit) {
    const text = `load by undici: it carries ${asked} (up to ${limit}/s)`;
    return { engine: undiciEngine(), why: { level: 'info', text } };
  }
  const found = await find();
  const usable = found.find((k6) => k6.problem === undefined);
  if (usable !== undefined) {
    const reason = wanted === 'k6' ? 'the scenario asks for it' : `${asked} are past what undici carries (${limit}/s)`;
    const text = `load by k6 ${usable.version} (${usable.path}): ${reason}`;
    return { engine: k6Engine({ binary: usable.path }), why: { level: 'info', text } };
  }
  const missing = found.map((k6) => `${k6.path}: ${k6.problem}`).join('; ') || 'no k6 was found';
  if (wanted === 'k6') {
    throw new FaultlineError('LOAD', `The scenario asks for k6, and there is none that can be used: ${missing}.`, {
      hint: 'Run: faultline k6 build',
    });
  }
  const text = `load by undici, although ${asked} are past what it carries (${limit}/s): ${missing}. Run: faultline k6 build`;
  return { engine: undiciEngine(), why: { level: 'warning', text } };
}
