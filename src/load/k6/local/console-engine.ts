import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../../model/errors.ts';
import type { LoadOrder } from '../../../model/ports.ts';
import type { Micros, Millis } from '../../../model/units.ts';
import { hrtimeMicros } from '../../clock.ts';
import { openRecordFile, type RecordFile } from '../../record-writer.ts';
import { consolePlan } from '../config/console-config.ts';
import { CONFIG, ENTRY, ownScript, type ScriptFiles, stagedFiles, writeFiles } from '../config/script-files.ts';
import type { K6Engine, K6Handle } from '../handle.ts';
import { lastWords } from '../records/drain.ts';
import { readLogLine } from '../records/log-line.ts';
import { Words } from '../records/script-log.ts';
import { ConsoleSession } from '../records/session.ts';
import { readMetrics } from '../records/source.ts';
import { dashboardEnvironment, dashboardOf } from './dashboard.ts';
import { Tail } from './log-reader.ts';
import { K6Process } from './process.ts';
import { Running } from './run.ts';

/** Settings of the engine that needs no extension. */
export type ConsoleOptions = {
  /** Any k6 of version 2. */
  readonly binary: string;
  /** A script in place of the harness's own. */
  readonly script?: ScriptFiles;
  /** PEM certificates to trust in place of the system's, for gateways with a private authority. */
  readonly ca?: string;
};

/** Word of a drop comes with a reading; k6 gathers its samples for 50 ms before. */
const SETTLING: Micros = 500_000;
const READ_MS: Millis = 100;

/**
 * The engine for a k6 without the extension, and for scripts: requests by k6's own HTTP client, over fresh connections,
 * told over the console. `start` and `stop` reject with FaultlineError LOAD.
 */
export function k6ConsoleEngine(options: ConsoleOptions): K6Engine {
  return { name: 'k6', start: (run) => start(run, options) };
}

async function start(run: LoadOrder, { binary, script, ca }: ConsoleOptions): Promise<K6Handle> {
  const folder = await mkdtemp(join(tmpdir(), 'faultline-k6-'));
  const cleanup = () => rm(folder, { recursive: true, force: true });
  let records: RecordFile | undefined;
  try {
    const scripted = script !== undefined;
    const how = { together: scripted, processes: 1, longestMs: run.longestMs };
    const plan = await consolePlan(run.load, run.paths, how);
    const authority = ca === undefined ? [] : ([['ca.pem', ca]] as const);
    const files = [
      ...(await stagedFiles(script ?? (await ownScript()))),
      [CONFIG, JSON.stringify(plan.config)] as const,
    ];
    await writeFiles(folder, new Map([...files, ...authority]));
    const { load, zero } = run;
    const ids = run.paths.map((path) => path.id);
    const input = { load, ids, scripted, sources: ['k6'], settling: SETTLING, zero, now: hrtimeMicros, ...plan };
    records = await openRecordFile(run.file);
    const session = new ConsoleSession(input, records);
    const [source] = session.sources;
    const output = join(folder, 'console.log');
    const words = new Words(run.file, run.load.hidden);
    const tail = new Tail(output, (line) => {
      const { message } = readLogLine(line);
      if (source !== undefined && !session.line(source, message)) words.add(message);
    });
    const place = {
      script: join(folder, ENTRY),
      folder,
      config: join(folder, CONFIG),
      telling: [`--console-output=${output}`],
      env: {
        ...dashboardEnvironment(load, run.file),
        ...(ca === undefined ? {} : { SSL_CERT_FILE: join(folder, 'ca.pem') }),
      },
    };
    const k6 = await K6Process.start(binary, place, {
      error: (text) => session.complain(`k6 reported an error: ${text}`),
      words: (text) => words.add(text),
    });
    const listener = listenTo(k6, session, tail, plan.scenarios);
    const handle = await Running.begin(k6, session, run, {
      released: () => session.begin(),
      stopping: () => lastWords(session, load.timeoutMs),
      drained: () => listener().finally(() => words.save()),
      missing: () => undefined,
      left: () => dashboardOf(load, run.file),
      cleanup,
    });
    // An iteration of a script may take long before it sends what it is judged by.
    return scripted ? { ...handle, lagMs: SETTLING / 1000 + load.timeoutMs } : handle;
  } catch (error) {
    await records?.close().catch(() => undefined);
    await cleanup();
    throw error;
  }
}

/** Follows console and readings until the function that is returned is called; that one reads to the end. */
function listenTo(
  k6: K6Process,
  session: ConsoleSession,
  tail: Tail,
  scenarios: readonly string[],
): () => Promise<void> {
  const complain = (error: unknown) => session.complain(`the console of k6 cannot be read: ${messageOf(error)}`);
  let reading = false;
  const timer = setInterval(() => {
    void tail.read().catch(complain);
    if (reading) return;
    reading = true;
    void takeReading(k6, session, scenarios).finally(() => {
      reading = false;
    });
  }, READ_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    // One that is on its way may have looked too early.
    await tail.read().catch(complain);
    await tail.read().catch(complain);
  };
}

async function takeReading(k6: K6Process, session: ConsoleSession, scenarios: readonly string[]): Promise<void> {
  const [source] = session.sources;
  const asked = hrtimeMicros();
  const text = await k6.metrics();
  const answered = hrtimeMicros();
  if (source !== undefined) session.reading(source, { asked, answered, ...readMetrics(text, scenarios) });
}
