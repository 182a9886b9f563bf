import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadOrder, LoadSummary, SentLoad } from '../../model/ports.ts';
import type { Path } from '../../model/target.ts';
import type { Micros } from '../../model/units.ts';
import { hrtimeMicros } from '../clock.ts';
import { type LoadView, type UndiciHandle, type UndiciOptions, undiciEngine } from '../index.ts';
import { type Recorded, readRecords } from './record-reader.ts';

/** Any engine, whose handle also tells why it is not to be trusted. */
export type AnyEngine = { start(order: LoadOrder): Promise<UndiciHandle> };

/** What a run of an engine left behind. */
export type LoadOutcome = Recorded & {
  /** The zero of the record times, on the scale of hrtimeMicros. */
  readonly zero: Micros;
  readonly summary: LoadSummary;
  readonly view: LoadView;
};

/** Waits until `ready`; gives up before mocha does, so that nothing waits on after a failed spec. */
export async function until(ready: () => boolean): Promise<void> {
  for (let looks = 0; !ready(); looks += 1) {
    if (looks === 1500) throw new Error('what was waited for never came');
    await sleep(10);
  }
}

/** Requests sent on all paths so far. */
export function sentBy(handle: UndiciHandle): number {
  return handle.progress().paths.reduce((sum, path) => sum + path.sent, 0);
}

/** Runs the engine until `enough`, by default until 30 requests were sent, then stops it. */
export async function runLoad(
  load: SentLoad,
  paths: readonly Path[],
  settings: {
    options?: UndiciOptions;
    enough?: (handle: UndiciHandle) => boolean;
    engine?: AnyEngine;
    onHeaders?: LoadOrder['onHeaders'] | undefined;
  } = {},
): Promise<LoadOutcome> {
  const folder = await mkdtemp(join(tmpdir(), 'faultline-load-'));
  try {
    const file = join(folder, 'requests.ndjson');
    const engine = settings.engine ?? undiciEngine(settings.options);
    const zero = hrtimeMicros();
    const { onHeaders } = settings;
    const told = onHeaders === undefined ? {} : { onHeaders };
    const handle = await engine.start({ load, paths, file, zero, longestMs: 600_000, ...told });
    const enough = settings.enough ?? (() => sentBy(handle) >= 30);
    await until(() => enough(handle)).catch((error: unknown) => handle.stop().finally(() => Promise.reject(error)));
    const summary = await handle.stop();
    return { summary, zero, view: handle.progress(), ...(await readRecords(file)) };
  } finally {
    await rm(folder, { recursive: true });
  }
}
