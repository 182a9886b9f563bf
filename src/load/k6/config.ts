import { isIP } from 'node:net';
import { FaultlineError } from '../../model/errors.ts';
import type { Load } from '../../model/scenario.ts';
import type { Path } from '../../model/target.ts';

/** Requests of one path that may be on their way at once, however long the timeout. */
const MAX_IN_FLIGHT = 2000;
/** Longer than any run: the harness says when the load ends. */
const DURATION = '24h';
/** What the Go side of the extension looks for. */
const SCENARIO_PREFIX = 'path';

/** What the extension is told, in its own spelling. */
export type ClientConfig = {
  readonly socket: string;
  readonly paths: readonly Record<string, unknown>[];
  /** Between two requests of a path. */
  readonly intervalNs: number;
  readonly timeoutMs: number;
  readonly keep: boolean;
  readonly hop: string;
  readonly header: string;
  readonly ca: string;
};

/** The file the script reads: k6's options and the extension's configuration. */
export type K6Config = { readonly options: Record<string, unknown>; readonly client: ClientConfig };

/** Words a load for k6. Throws FaultlineError LOAD where it cannot be sent. */
export function k6Config(load: Load, paths: readonly Path[], socket: string, ca = ''): K6Config {
  if (paths.length === 0) throw new FaultlineError('LOAD', 'There is no path to send requests on.');
  const intervalNs = Math.round(1e9 / load.ratePerSecond);
  const header = load.chain.from.kind === 'header' ? load.chain.from.name : '';
  const users = capacity(load);
  const scenarios = paths.map((_, index) => [
    `${SCENARIO_PREFIX}${index}`,
    {
      executor: 'constant-arrival-rate',
      exec: 'send',
      rate: 1,
      timeUnit: `${intervalNs}ns`,
      duration: DURATION,
      // The paths are shifted against each other, so that they never fire together.
      startTime: `${Math.round((index * intervalNs) / paths.length)}ns`,
      preAllocatedVUs: users,
      maxVUs: users,
      gracefulStop: `${Math.ceil(load.timeoutMs)}ms`,
      env: { FAULTLINE_PATH: String(index) },
    },
  ]);
  return {
    options: { scenarios: Object.fromEntries(scenarios), systemTags: ['scenario'], noUsageReport: true },
    client: {
      socket,
      paths: paths.map((path) => wireOf(path, load)),
      intervalNs,
      timeoutMs: load.timeoutMs,
      keep: load.connections === 'kept',
      hop: load.chain.hop,
      header,
      ca,
    },
  };
}

/** Virtual users of one path: enough for every request to wait out its timeout, and a quarter more. */
export function capacity(load: Load): number {
  const wanted = Math.ceil((load.ratePerSecond * load.timeoutMs * 1.25) / 1000);
  return Math.min(Math.max(wanted, 1), MAX_IN_FLIGHT);
}

function wireOf(path: Path, load: Load): Record<string, unknown> {
  const template = load.paths.find((candidate) => candidate.name === path.name);
  if (template === undefined) throw new FaultlineError('LOAD', `Path ${path.id} has no request named ${path.name}.`);
  const { method, path: target, host, headers } = template.request;
  const entries = Object.entries(headers);
  const named = entries.find(([name]) => name.toLowerCase() === 'host')?.[1];
  const authority = named ?? host ?? authorityOf(path);
  return {
    id: path.id,
    method,
    target,
    authority,
    serverName: authority.replace(/:\d+$/, '').replace(/^\[|\]$/g, ''),
    headers: entries.filter(([name]) => name.toLowerCase() !== 'host'),
    tls: path.protocol === 'https',
    host: path.host,
    port: String(path.port),
  };
}

function authorityOf({ protocol, host, port }: Path): string {
  const name = isIP(host) === 6 ? `[${host}]` : host;
  return port === (protocol === 'https' ? 443 : 80) ? name : `${name}:${port}`;
}
