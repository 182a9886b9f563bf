import type { RunResult } from '../../model/result.ts';
import { type Handmade, judged } from './handmade.ts';
import type { HistoryBuilder } from './history-builder.ts';
import type { Raw } from './record-file.ts';
import { answered, type Server } from './reroute.ts';

/** Who answers requests through one gateway at a time in seconds; undefined leaves them as they are. */
export type Story = (t: number, seq: number) => Server | undefined;

/** A handmade run whose requests are told by stories, by the zone of the gateway. Without a story a zone is at home. */
export type Told = Handmade & { readonly withinMs?: number; readonly stories?: Readonly<Record<string, Story>> };

const RULE = { consecutive: 5, lastingMs: 1000 };

/** Judges a run, with a recovery time; `own` are its requests through the gateway of north-a in due order. */
export async function told({
  withinMs = 5000,
  stories = {},
  ...run
}: Told): Promise<{ result: RunResult; own: readonly Raw[] }> {
  let own: Raw[] = [];
  const result = await judged({
    callers: {},
    ...run,
    expect: { recoveryTime: { withinMs, ...RULE }, ...run.expect },
    records: (all) => {
      const edited = Object.entries(stories).reduce((some, [zone, story]) => answered(some, zone, story), all);
      const records = run.records?.(edited) ?? edited;
      own = records.filter(({ path }) => path === 0).sort((a, b) => a.due - b.due);
      return records;
    },
  });
  return { result, own };
}

export const HOME: Server = { zone: 'north-a' };
const AWAY: Server = { zone: 'north-b' };

/** At home until the fault takes effect, and again after its undo; away between. */
export const switched =
  (effect: number, until = 32): Story =>
  (t) =>
    t < effect || t >= until ? HOME : AWAY;

/** The same, with stretches in which nobody answers. */
export const failing =
  (effect: number, ...outages: readonly (readonly [number, number])[]): Story =>
  (t, seq) =>
    outages.some(([from, to]) => t >= from && t < to) ? 'nobody' : switched(effect)(t, seq);

export const micros = (seconds: number): number => Math.round(seconds * 1e6);

/** The cluster says that the effect began at a time in seconds, and says so half a second later. */
export const word = (effective: number): Pick<Handmade, 'effective' | 'times'> => ({
  effective,
  times: { proven: effective + 0.5 },
});

/** The steps of a second fault, requested `at` and seen to have an effect so much later. */
export const second =
  (name: string, at: number, effect: number) =>
  (history: HistoryBuilder): void => {
    const step = { type: 'fault', fault: name } as const;
    history.at(micros(at), { ...step, step: 'requested' }).at(micros(at + 0.1), { ...step, step: 'acknowledged' });
    history.at(micros(at + effect + 0.5), { ...step, step: 'proven', effective: micros(at + effect) });
    history.at(30e6, { ...step, step: 'undo-requested' }).at(31e6, { ...step, step: 'undone', objects: [] });
  };
