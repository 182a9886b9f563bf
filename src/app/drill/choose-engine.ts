import { ENGINE_KINDS } from '../../load/engines.ts';
import { AUTO, type EngineKind, type EngineRequest } from '../../model/engine.ts';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import type { LoadEngine } from '../../model/ports.ts';

/** The engine of a run; `why` is for the history where the scenario left a choice or asked for another than the default. */
export type ChosenEngine = {
  readonly engine: LoadEngine;
  readonly why?: { readonly level: 'info' | 'warning'; readonly text: string };
};

type Kinds = readonly [EngineKind, ...EngineKind[]];

/**
 * The engine that carries the load, of `rate` requests per second on all paths together. Rejects with FaultlineError LOAD when the one that the
 * scenario asks for cannot send it from here.
 */
export async function chooseEngine(
  request: EngineRequest,
  rate: number,
  kinds: Kinds = ENGINE_KINDS,
): Promise<ChosenEngine> {
  const wanted = request.load.engine ?? kinds[0].name;
  if (wanted === AUTO) return chooseByRate(request, rate, kinds);
  const kind = kinds.find(({ name }) => name === wanted);
  if (kind === undefined) throw new FaultlineError('LOAD', `There is no load engine ${wanted}.`);
  const { engine, words } = await kind.open(request);
  return kind === kinds[0] ? { engine } : { engine, why: info(`load by ${words}: the scenario asks for it`) };
}

/** The first that carries the rate and can be opened; else the default, which has to, with a warning. */
async function chooseByRate(request: EngineRequest, rate: number, kinds: Kinds): Promise<ChosenEngine> {
  const { load } = request;
  const [first] = kinds;
  const asked = `${Number(rate.toFixed(2))} requests/s over ${load.connections} connections`;
  const limit = first.carries?.(load) ?? 0;
  const { engine, words } = await first.open(request);
  if (rate <= limit) return { engine, why: info(`load by ${words}: it carries ${asked} (up to ${limit}/s)`) };
  const missing: string[] = [];
  for (const kind of kinds) {
    if (rate > (kind.carries?.(load) ?? 0)) continue;
    try {
      const found = await kind.open(request);
      const text = `load by ${found.words}: ${asked} are past what ${first.name} carries (${limit}/s)`;
      return { engine: found.engine, why: info(text) };
    } catch (error) {
      const hint = error instanceof FaultlineError && error.hint !== undefined ? ` ${error.hint}` : '';
      missing.push(messageOf(error) + hint);
    }
  }
  const text = `load by ${words}, although ${asked} are past what it carries (${limit}/s): ${missing.join(' ')}`;
  return { engine, why: { level: 'warning', text } };
}

function info(text: string): NonNullable<ChosenEngine['why']> {
  return { level: 'info', text };
}
