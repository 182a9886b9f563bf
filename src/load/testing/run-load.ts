import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadSummary, SentLoad } from '../../model/ports.ts';
import type { Path } from '../../model/target.ts';
import type { Micros } from '../../model/units.ts';
import { hrtimeMicros } from '../clock.ts';
import { type LoadView, type UndiciEngine, type UndiciHandle, type UndiciOptions, undiciEngine } from '../index.ts';
import { type Recorded, readRecords } from './record-reader.ts';

/** What a run of an engine left behind. */
export type Outcome = Recorded & {
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
    engine?: Pick<UndiciEngine, 'start'>;
  } = {},
): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'faultline-load-'));
  try {
    const file = join(folder, 'requests.ndjson');
    const engine = settings.engine ?? undiciEngine(settings.options);
    const zero = hrtimeMicros();
    const handle = await engine.start({ load, paths, file, zero, longestMs: 600_000 });
    const enough = settings.enough ?? (() => sentBy(handle) >= 30);
    await until(() => enough(handle)).catch((error: unknown) => handle.stop().finally(() => Promise.reject(error)));
    const summary = await handle.stop();
    return { summary, zero, view: handle.progress(), ...(await readRecords(file)) };
  } finally {
    await rm(folder, { recursive: true });
  }
}
