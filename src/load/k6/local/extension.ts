import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoadOrder } from '../../../model/ports.ts';
import type { Path } from '../../../model/target.ts';
import type { Micros } from '../../../model/units.ts';
import { extensionConfig } from '../config/extension-config.ts';
import type { K6Engine } from '../handle.ts';
import { EXTENSION_WIRE } from '../records/extension-wire.ts';
import type { Session } from '../records/session.ts';
import type { Source } from '../records/source.ts';
import { listenForLines } from './socket.ts';
import { type Listener, type Route, startLocal } from './start.ts';

/** Settings of the engine that needs the extension. */
type K6Options = {
  /** A k6 with the extension in it. */
  readonly binary: string;
};

/**
 * A request gets its number this long after its start: word of a drop before it may take that long, because k6 gathers
 * its samples for 50 ms and the extension its lines for 20.
 */
const SETTLING: Micros = 400_000;

/**
 * The engine for high rates: k6 with the faultline extension, warm before the first request, one k6 scenario for each
 * path. `start` and `stop` reject with FaultlineError LOAD.
 */
export function k6Engine({ binary }: K6Options): K6Engine {
  return { name: 'k6', start: (order) => startLocal(order, binary, (folder) => prepare(order, folder)) };
}

async function prepare({ load, paths, longestMs }: LoadOrder, folder: string): Promise<Route> {
  const socket = join(folder, 'records.sock');
  const config = extensionConfig(load, paths, { socket, longestMs });
  const file = join(folder, 'config.json');
  await writeFile(file, JSON.stringify(config));
  const script = fileURLToPath(new URL('../scripts/paths.ts', import.meta.url));
  const intervalsNs = config.client.paths.map((path) => path.intervalNs);
  return {
    session: { wire: EXTENSION_WIRE, scenarioOf: [...paths.keys()], scripted: false, intervalsNs, settling: SETTLING },
    run: { script, config: file, output: ['--out=faultline'] },
    listen: (session) => listen(socket, session, paths),
  };
}

async function listen(socket: string, session: Session, paths: readonly Path[]): Promise<Listener> {
  const [source] = session.sources;
  const { finish, send } = await listenForLines(socket, (line) => session.line(source as Source, line));
  const change: Listener['change'] = (headers) => {
    for (const { path, name, value } of headers) {
      for (const [index, own] of paths.entries())
        if (own.name === path) send(JSON.stringify({ path: index, name, value }));
    }
  };
  return { log: () => {}, follow: () => {}, finish, change };
}
