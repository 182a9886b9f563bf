import type { EffectProof } from '../model/fault.ts';
import type { Millis } from '../model/units.ts';
import type { OpenFault } from './undo-stack.ts';
import type { RunPorts } from './wiring.ts';

/** How often a fault is looked at while it is meant to be on. */
const LOOK_MS = 1_000;
/** A single look may fall between two pods of a rollout; this many in a row do not. */
const STRIKES = 3;

/**
 * Holds the faults and keeps looking whether they are still on: a GitOps controller or a colleague may take one back,
 * and what recovers then was not the mesh. Ends early, with `not-proven` in the history, when one has gone off or
 * stalled.
 */
export async function holdFaults(faults: readonly OpenFault[], lastsMs: Millis, ports: RunPorts): Promise<void> {
  const { clock, history, stop } = ports;
  const end = history.now() + lastsMs * 1000;
  const strikes = new Map<string, number>();
  for (;;) {
    const leftMs = (end - history.now()) / 1000;
    if (leftMs <= 0 || stop.aborted || faults.some((fault) => fault.stalled())) return;
    await clock.sleep(Math.min(LOOK_MS, leftMs), stop);
    const gone = await within(strikeOut(faults, strikes), (end - history.now()) / 1000, ports);
    if (gone === undefined) continue;
    const detail = `it went off while it was meant to be on: ${gone.detail}`;
    history.append({ type: 'fault', fault: gone.fault, step: 'not-proven', detail });
    return;
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

/** Looks at every fault once; returns one that was off too many times in a row. */
async function strikeOut(
  faults: readonly OpenFault[],
  strikes: Map<string, number>,
): Promise<{ fault: string; detail: string } | undefined> {
  const looks = await Promise.all(faults.map((open) => look(open)));
  for (const [index, { plan }] of faults.entries()) {
    const seen = looks[index];
    if (seen === undefined) continue;
    const count = seen.proven ? 0 : (strikes.get(plan.fault) ?? 0) + 1;
    strikes.set(plan.fault, count);
    if (count >= STRIKES) return { fault: plan.fault, detail: seen.detail };
  }
  return undefined;
}

/** One look without waiting; undefined when the cluster does not answer, which says nothing about the fault. */
async function look({ kind, plan, context }: OpenFault): Promise<EffectProof | undefined> {
  try {
    return await kind.prove(plan, { ...context, signal: AbortSignal.abort() });
  } catch {
    return undefined;
  }
}
