import { FaultlineError } from '../../../model/errors.ts';
import type { Load } from '../../../model/scenario.ts';
import type { Path } from '../../../model/target.ts';
import type { Millis } from '../../../model/units.ts';
import { type RequestConfig, requestConfig } from './request.ts';

/** Requests of one path that may be on their way at once, however long the timeout. */
const MAX_IN_FLIGHT = 2000;
/** What the Go side of the extension looks for. */
const SCENARIO_PREFIX = 'path';

/** What the extension is told, in its own spelling. */
type ClientConfig = {
  readonly socket: string;
  readonly paths: readonly RequestConfig[];
  /** Between two requests of a path. */
  readonly intervalNs: number;
  readonly timeoutMs: number;
  readonly keep: boolean;
  readonly hop: string;
  readonly header: string;
  readonly ca: string;
};

/** The file the script reads: k6's options and the extension's configuration. */
type ExtensionConfig = { readonly options: Record<string, unknown>; readonly client: ClientConfig };

/** Words a load for k6. Throws FaultlineError LOAD where it cannot be sent. */
export function extensionConfig(
  load: Load,
  paths: readonly Path[],
  run: { socket: string; longestMs: Millis; ca?: string | undefined },
): ExtensionConfig {
  const { socket, longestMs, ca = '' } = run;
  if (paths.length === 0) throw new FaultlineError('LOAD', 'There is no path to send requests on.');
  const intervalNs = intervalOf(load);
  const users = capacity(load);
  const scenarios = paths.map((_, index) => {
    const env = { FAULTLINE_PATH: String(index) };
    const timing = { intervalNs, index, of: paths.length, users, longestMs };
    return [`${SCENARIO_PREFIX}${index}`, arrivals(load, timing, env)];
  });
  return {
    options: { scenarios: Object.fromEntries(scenarios), systemTags: ['scenario'] },
    client: {
      socket,
      paths: paths.map((path) => requestConfig(path, load)),
      intervalNs,
      timeoutMs: load.timeoutMs,
      keep: load.connections === 'kept',
      hop: load.chain.hop,
      header: headerOf(load),
      ca,
    },
  };
}

/** Nanoseconds between two requests of a path. */
export function intervalOf(load: Load): number {
  return Math.round(1e9 / load.ratePerSecond);
}

/** The response header that carries the chain; empty where the body does. */
export function headerOf(load: Load): string {
  return load.chain.from.kind === 'header' ? load.chain.from.name : '';
}

/** One k6 scenario: the open model, shifted against the others, so that paths never fire together. */
export function arrivals(
  load: Load,
  timing: { intervalNs: number; index: number; of: number; users: number; longestMs: Millis },
  env: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const { intervalNs, index, of, users, longestMs } = timing;
  return {
    executor: 'constant-arrival-rate',
    exec: 'send',
    rate: 1,
    timeUnit: `${intervalNs}ns`,
    duration: `${Math.ceil(longestMs)}ms`,
    startTime: `${Math.round((index * intervalNs) / of)}ns`,
    preAllocatedVUs: users,
    maxVUs: users,
    gracefulStop: `${Math.ceil(load.timeoutMs)}ms`,
    env,
  };
}

/** Virtual users of one path: enough for every request to wait out its timeout, and a quarter more. */
export function capacity(load: Load): number {
  const wanted = Math.ceil((load.ratePerSecond * load.timeoutMs * 1.25) / 1000);
  return Math.min(wanted, MAX_IN_FLIGHT);
}
