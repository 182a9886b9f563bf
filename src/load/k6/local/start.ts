import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HeaderChange, LoadOrder } from '../../../model/ports.ts';
import { hrtimeMicros } from '../../clock.ts';
import { openRecordFile, type RecordFile } from '../../record-writer.ts';
import type { K6Handle } from '../handle.ts';
import { drain } from '../records/drain.ts';
import { lagOf } from '../records/lag.ts';
import { Session, type SessionInput } from '../records/session.ts';
import type { K6Run } from './command.ts';
import { dashboardEnvironment, dashboardOf } from './dashboard.ts';
import { K6Process } from './process.ts';
import { LocalRun } from './run.ts';

/** Hears what a k6 tells. */
export type Listener = {
  /** What k6 and its script say besides the requests. */
  readonly log: (text: string) => void;
  /** k6 is there. */
  readonly follow: (k6: K6Process) => void;
  /** k6 is gone, or never came: takes what it has still said. May be called again. */
  readonly finish: () => Promise<void>;
  /** Sends other values of headers from now on; absent where this k6 cannot be told. */
  readonly change?: (headers: HeaderChange['headers']) => void;
};

/** One way to have a k6 of this machine send: what it runs, and how it tells of its requests. */
export type Route = {
  readonly session: Pick<SessionInput, 'wire' | 'scenarioOf' | 'scripted' | 'intervalsNs' | 'settling'>;
  readonly run: Omit<K6Run, 'folder'>;
  readonly listen: (session: Session) => Promise<Listener>;
};

/**
 * Starts a k6 and lets it go when it is warm. `prepare` gets the folder that is k6's own until it ends. Rejects with
 * FaultlineError LOAD, and nothing is left then.
 */
export async function startLocal(
  order: LoadOrder,
  binary: string,
  prepare: (folder: string) => Promise<Route>,
): Promise<K6Handle> {
  const folder = await mkdtemp(join(tmpdir(), 'faultline-k6-'));
  const cleanup = () => rm(folder, { recursive: true, force: true });
  let records: RecordFile | undefined;
  let listener: Listener | undefined;
  try {
    const route = await prepare(folder);
    records = await openRecordFile(order.file);
    const session = new Session({ ...sessionOf(order), ...route.session }, records);
    const heard = await route.listen(session);
    listener = heard;
    const env = { ...dashboardEnvironment(order.load, order.file), ...route.run.env };
    const k6 = await K6Process.start(
      binary,
      { ...route.run, folder, env },
      {
        error: (text) => session.complain(`k6 reported an error: ${text}`),
        line: heard.log,
      },
    );
    heard.follow(k6);
    const { dedicated } = route.session.wire;
    const run = await LocalRun.begin(k6, session, order, {
      released: () => session.begin(),
      stopping: () => (dedicated ? Promise.resolve() : drain(session, order.load.timeoutMs)),
      drained: () => heard.finish(),
      missing: () => (dedicated && !session.whole ? 'k6 ended before it had told of every request.' : undefined),
      left: () => dashboardOf(order.load, order.file),
      cleanup,
    });
    const { change } = heard;
    if (change !== undefined) {
      order.onHeaders?.(({ headers, hidden }) => {
        session.hide(hidden);
        change(headers);
      });
    }
    return { ...run, ...lagOf(route.session, order.load) };
  } catch (error) {
    await listener?.finish();
    await records?.close().catch(() => undefined);
    await cleanup();
    throw error;
  }
}

function sessionOf({ load, paths, zero }: LoadOrder) {
  return { load, ids: paths.map((path) => path.id), sources: ['k6'], zero, now: hrtimeMicros };
}
