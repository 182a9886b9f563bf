import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoadSummary } from '../../../model/ports.ts';
import type { Load } from '../../../model/scenario.ts';
import type { Path } from '../../../model/target.ts';
import { hrtimeMicros } from '../../clock.ts';
import { readRecords } from '../../testing/record-reader.ts';

export const ROUTES = ['extension', 'console'] as const;

const BINARY = { extension: process.env.FAULTLINE_K6 ?? '', console: process.env.FAULTLINE_STOCK_K6 ?? '' };

/** A harness in a process of its own, which can be frozen and killed, and its k6. */
type ForkedHarness = {
  readonly child: ChildProcess;
  /** Process id of k6. */
  readonly k6: number;
  /** Stops the load; how many records there are then, and what the engine says. */
  stop(): Promise<{ counts: LoadSummary['counts']; records: number }>;
  cleanup(): Promise<void>;
};

/** Starts one that sends already. */
export async function forkHarness(
  route: (typeof ROUTES)[number],
  load: Load,
  paths: readonly Path[],
): Promise<ForkedHarness> {
  const folder = await mkdtemp(join(tmpdir(), 'faultline-fork-'));
  const file = join(folder, 'requests.ndjson');
  const order = { load, paths, file, zero: hrtimeMicros(), longestMs: 60_000 };
  const module = new URL('../../index.ts', import.meta.url).href;
  const source = `
    const { k6Engine, k6ConsoleEngine } = await import(${JSON.stringify(module)});
    const make = ${route === 'extension' ? 'k6Engine' : 'k6ConsoleEngine'};
    const engine = make({ binary: ${JSON.stringify(BINARY[route])} });
    const handle = await engine.start(${JSON.stringify(order)});
    process.once('message', async () => process.send(await handle.stop()));
    process.send(handle.pid);`;
  const env = { ...process.env, TMPDIR: folder };
  const child = fork('-', { execArgv: ['--input-type=module', '-e', source], env });
  const [k6] = (await once(child, 'message')) as [number];
  return {
    child,
    k6,
    stop: async () => {
      const said = once(child, 'message');
      child.send('stop');
      const [{ counts }] = (await said) as [LoadSummary];
      return { counts, records: (await readRecords(file)).records.length };
    },
    cleanup: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'close');
      }
      await rm(folder, { recursive: true });
    },
  };
}
