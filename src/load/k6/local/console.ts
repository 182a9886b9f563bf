import { join } from 'node:path';
import type { ScriptFiles } from '../../../model/engine.ts';
import { messageOf } from '../../../model/errors.ts';
import type { LoadOrder } from '../../../model/ports.ts';
import type { Micros, Millis } from '../../../model/units.ts';
import { consoleConfig } from '../config/console-config.ts';
import { sharedTls } from '../config/gateway-tls.ts';
import { ownScript, stagedFiles, writeFiles } from '../config/script-files.ts';
import { CA_FILE, CONFIG, CONSOLE_FILE, ENTRY } from '../config/staged-names.ts';
import type { K6Engine } from '../handle.ts';
import { CONSOLE_WIRE } from '../records/console-wire.ts';
import { readLogLine } from '../records/log-line.ts';
import { takeReading } from '../records/rest.ts';
import { ScriptLog } from '../records/script-log.ts';
import type { Session } from '../records/session.ts';
import type { Source } from '../records/source.ts';
import { LogReader } from './log-reader.ts';
import type { K6Process } from './process.ts';
import { type Listener, type Route, startLocal } from './start.ts';

/** Settings of the engine that needs no extension. */
export type ConsoleOptions = {
  /** Any k6 of version 2. */
  readonly binary: string;
  /** A script in place of the harness's own. */
  readonly script?: ScriptFiles;
};

/** Word of a drop comes with a reading; k6 gathers its samples for 50 ms before. */
const SETTLING: Micros = 500_000;
const READ_MS: Millis = 100;

/**
 * The engine for a k6 without the extension, and for scripts: requests by k6's own HTTP client, over fresh connections,
 * told over the console. `start` and `stop` reject with FaultlineError LOAD.
 */
export function k6ConsoleEngine(options: ConsoleOptions): K6Engine {
  return {
    name: 'k6',
    start: (order) => startLocal(order, options.binary, (folder) => prepare(order, folder, options)),
  };
}

async function prepare(order: LoadOrder, folder: string, { script }: ConsoleOptions): Promise<Route> {
  const { load, paths, longestMs } = order;
  const { ca } = sharedTls(load, paths);
  const scripted = script !== undefined;
  const setup = await consoleConfig(load, paths, { together: scripted, processes: 1, longestMs });
  const { intervalsNs, scenarioOf, scenarios } = setup;
  const files = await stagedFiles(script ?? (await ownScript()));
  files.set(CONFIG, JSON.stringify(setup.config));
  if (ca !== undefined) files.set(CA_FILE, ca);
  await writeFiles(folder, files);
  const output = join(folder, CONSOLE_FILE);
  return {
    session: { wire: CONSOLE_WIRE, scenarioOf, scripted, intervalsNs, settling: SETTLING },
    run: {
      script: join(folder, ENTRY),
      config: join(folder, CONFIG),
      output: [`--console-output=${output}`],
      ...(ca === undefined ? {} : { env: { SSL_CERT_FILE: join(folder, CA_FILE) } }),
    },
    listen: async (session) => listen(output, session, new ScriptLog(order.file, load.hidden), scenarios),
  };
}

/** Follows the console of k6, and asks it how far it is. */
function listen(output: string, session: Session, log: ScriptLog, scenarios: readonly string[]): Listener {
  const source = session.sources[0] as Source;
  const complain = (error: unknown) => session.complain(`the console of k6 cannot be read: ${messageOf(error)}`);
  const reader = new LogReader(output, (line) => {
    const { message } = readLogLine(line);
    if (!session.line(source, message)) log.add(message);
  });
  let timer: NodeJS.Timeout | undefined;
  const follow = (k6: K6Process) => {
    let asking = false;
    timer = setInterval(() => {
      void reader.read().catch(complain);
      if (asking) return;
      asking = true;
      void takeReading((path) => k6.ask(path), scenarios)
        .then((reading) => session.reading(source, reading))
        .finally(() => {
          asking = false;
        });
    }, READ_MS);
    timer.unref();
  };
  const finish = async () => {
    clearInterval(timer);
    // A reading that has begun may have come to the end of the file before the last line did.
    await reader.read().catch(complain);
    await reader.read().catch(complain);
    await log.save();
  };
  return { log: (text) => log.add(text), follow, finish };
}
