import type { EffectProof } from '../model/fault.ts';
import type { Micros, Millis } from '../model/units.ts';
import type { OpenFault } from './undo-stack.ts';
import type { RunPorts } from './wiring.ts';

/** How often a fault is looked at while it is meant to be on. */
const LOOK_MS = 1_000;
/** A single look may fall between two pods of a rollout; this many in a row do not. */
const STRIKES = 3;
/** Looks right before the undo: the second one only where the first, or the last one in time, found a fault off. */
const LAST_LOOKS = 2;
/** How long each of them may keep the undo waiting. */
const LAST_LOOK_MS = 500;

/** Faults that the latest answered look found off: how many times in a row, since when, and what it saw. */
type Strikes = Map<string, { readonly count: number; readonly since: Micros; readonly detail: string }>;

/**
 * Holds the faults and keeps looking whether they are still on: a GitOps controller or a colleague may take one back,
 * and what recovers then was not the mesh. Ends early, with `not-proven` in the history, when one has gone off or
 * stalled. Right before the undo no strikes are needed: no later look could show that a fault was on after all.
 */
export async function holdFaults(faults: readonly OpenFault[], lastsMs: Millis, ports: RunPorts): Promise<void> {
  const strikes: Strikes = new Map();
  const isOver = (): boolean => ports.stop.aborted || faults.some((fault) => fault.stalled());
  await watch(faults, lastsMs, strikes, ports, isOver);
  for (let looks = 0; looks < LAST_LOOKS && !isOver() && !isOut(strikes); looks++) {
    if (looks > 0 && strikes.size === 0) return;
    await within(lookAtAll(faults, strikes, ports), LAST_LOOK_MS, ports);
  }
  if (isOver()) return;
  for (const [fault, { since, detail }] of strikes) {
    const text = `it went off while it was meant to be on: ${detail}`;
    ports.history.append({ type: 'fault', fault, step: 'not-proven', since, detail: text });
  }
}

const isOut = (strikes: Strikes): boolean => [...strikes.values()].some(({ count }) => count >= STRIKES);

/** Looks again and again until the time is over, or a fault was off too many times in a row. */
async function watch(
  faults: readonly OpenFault[],
  lastsMs: Millis,
  strikes: Strikes,
  ports: RunPorts,
  isOver: () => boolean,
): Promise<void> {
  const { clock, history, stop } = ports;
  const end = history.now() + lastsMs * 1000;
  for (;;) {
    const leftMs = (end - history.now()) / 1000;
    if (leftMs <= 0 || isOver() || isOut(strikes)) return;
    await clock.sleep(Math.min(LOOK_MS, leftMs), stop);
    await within(lookAtAll(faults, strikes, ports), (end - history.now()) / 1000, ports);
  }
}

/** A cluster that is slow to answer must keep neither the end of the phase nor a stop waiting. */
async function within<T>(work: Promise<T>, limitMs: Millis, { clock, stop }: RunPorts): Promise<T | undefined> {
  const done = new AbortController();
  const limit = clock.sleep(limitMs, AbortSignal.any([stop, done.signal])).then(() => undefined);
  const result = await Promise.race([work, limit]);
  done.abort();
  return result;
}

/** Looks at every fault once. What does not answer leaves its strikes as they are. */
async function lookAtAll(faults: readonly OpenFault[], strikes: Strikes, { history }: RunPorts): Promise<void> {
  await Promise.all(
    faults.map(async (open) => {
      const seen = await look(open);
      const { fault } = open.plan;
      const { count = 0, since = history.now() } = strikes.get(fault) ?? {};
      if (seen?.proven === true) strikes.delete(fault);
      else if (seen !== undefined) strikes.set(fault, { count: count + 1, since, detail: seen.detail });
    }),
  );
}

/** One look without waiting; undefined when the cluster does not answer, which says nothing about the fault. */
async function look({ kind, plan, context }: OpenFault): Promise<EffectProof | undefined> {
  try {
    return await kind.prove(plan, { ...context, signal: AbortSignal.abort() });
  } catch {
    return undefined;
  }
}
