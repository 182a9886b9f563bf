import type { HistoryEvent } from '../../model/history.ts';
import type { UnstampedEvent } from '../../model/ports.ts';

/** Collects events at given times (microseconds) and stamps them in time order, as a run would have written them. */
export class HistoryBuilder {
  readonly #events: { readonly t: number; readonly event: UnstampedEvent }[] = [];

  at(t: number, event: UnstampedEvent): this {
    this.#events.push({ t: Math.round(t), event });
    return this;
  }

  build(): HistoryEvent[] {
    const sorted = this.#events.toSorted((a, b) => a.t - b.t);
    return sorted.map(({ t, event }, seq) => ({ ...event, seq, t, wall: wallAt(t) }) as HistoryEvent);
  }
}

function wallAt(t: number): string {
  return new Date(Date.UTC(2026, 10, 22) + Math.floor(t / 1000)).toISOString();
}
