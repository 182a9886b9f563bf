import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { FaultlineError, messageOf } from '../../../model/errors.ts';
import type { SentLoad } from '../../../model/ports.ts';
import { ratesOf } from '../../../model/rates.ts';
import type { Path } from '../../../model/target.ts';
import type { Millis } from '../../../model/units.ts';
import { arrivals, capacity, type Timing, timingsOf } from './arrivals.ts';
import { sharedTls } from './gateway-tls.ts';
import { headerOf, type RequestConfig, requestConfig } from './request.ts';

/** Ports that exist only in names: each stands for the gateway of one path, because k6 maps `name:port` to an address. */
const FIRST_NAME_PORT = 20_000;

/** The file that the script module reads. */
type ConsoleConfig = {
  readonly options: Record<string, unknown>;
  readonly lanes: readonly (readonly Record<string, unknown>[])[];
  readonly timeoutMs: number;
  readonly header: string;
};

/** What is run, and how the harness reads what it tells. */
type ConsoleSetup = {
  readonly config: ConsoleConfig;
  /** Between two requests, by path. */
  readonly intervalsNs: readonly number[];
  /** The k6 scenarios, by the index that `scenarioOf` gives for each path. */
  readonly scenarios: readonly string[];
  readonly scenarioOf: readonly number[];
};

/**
 * Words a load for a k6 without the extension. `together`: the paths of one gateway zone share one k6 scenario, each
 * iteration of which sends them all, as a script of a user does; else each path has its own. `processes` share the load,
 * each for at most `longestMs`. Rejects with FaultlineError LOAD where it cannot be sent.
 */
export async function consoleConfig(
  load: SentLoad,
  paths: readonly Path[],
  how: { together: boolean; processes: number; longestMs: Millis },
): Promise<ConsoleSetup> {
  if (paths.length === 0) throw new FaultlineError('LOAD', 'There is no path to send requests on.');
  const gateways = paths.map(({ cluster, zone, host, port, protocol }, index) =>
    how.together ? JSON.stringify([cluster, zone, host, port, protocol]) : String(index),
  );
  const names = [...new Set(gateways)];
  const scenarioOf = gateways.map((gateway) => names.indexOf(gateway));
  const requests = paths.map((path) => requestConfig(path, load));
  const addresses = await Promise.all(requests.map(addressOf));
  const scenarios = names.map((_, index) => `lane${index}`);
  const rateOf = ratesOf(load);
  // Paths that are sent together have one rate: refused before where they have not.
  const rates = names.map((_, index) => rateOf(paths[scenarioOf.indexOf(index)]?.name ?? ''));
  const timings = timingsOf(rates);
  const longest = Math.max(...names.map((_, index) => scenarioOf.filter((lane) => lane === index).length));
  const usersOf = (rate: number): number => {
    const wanted = capacity(load, rate) * (how.together ? longest + 1 : 1);
    // k6 deals out iterations in the proportion of the virtual users: only equal numbers of these make even places.
    return Math.ceil(wanted / how.processes) * how.processes;
  };
  const scenarioOptions = names.map((_, index) => {
    const settings = { users: usersOf(rates[index] ?? 1), longestMs: how.longestMs };
    return arrivals(load, timings[index] as Timing, { ...settings, env: { FAULTLINE_LANE: String(index) } });
  });
  const options = {
    scenarios: Object.fromEntries(scenarios.map((name, index) => [name, scenarioOptions[index]])),
    // A threshold that always holds makes k6 count the drops of each scenario apart.
    thresholds: Object.fromEntries(scenarios.map((name) => [`dropped_iterations{scenario:${name}}`, ['count>=0']])),
    hosts: hostsOf(requests, addresses),
    // Go sends a request again by itself when a kept connection breaks, and nobody would see it.
    noConnectionReuse: true,
    systemTags: ['scenario'],
    ...tlsOptions(load, paths),
  };
  const lanes = names.map((_, lane) =>
    requests.flatMap((request, index) =>
      scenarioOf[index] === lane ? [configOf(request, addresses[index] ?? '', index)] : [],
    ),
  );
  return {
    config: { options, lanes, timeoutMs: load.timeoutMs, header: headerOf(load) },
    intervalsNs: scenarioOf.map((lane) => timings[lane]?.intervalNs ?? 0),
    scenarios,
    scenarioOf,
  };
}

function configOf(request: RequestConfig, address: string, index: number): Record<string, unknown> {
  const { method, target, authority, headers, body, tell, tls } = request;
  const base = `${tls ? 'https' : 'http'}://${nameOf(request, index) ?? address}`;
  return { index, method, target, authority, base, headers: Object.fromEntries(headers), body, tell };
}

/** k6's words for what is the same for all gateways (`refuseTls`). Without a list of domains a certificate is for all. */
function tlsOptions(load: SentLoad, paths: readonly Path[]): Record<string, unknown> {
  const { client, insecure } = sharedTls(load, paths);
  return {
    ...(client === undefined ? {} : { tlsAuth: [client] }),
    ...(insecure ? { insecureSkipTLSVerify: true } : {}),
  };
}

/** A name goes with a port of its own; undefined for an address, which is dialled as it is. */
function nameOf({ serverName }: RequestConfig, index: number): string | undefined {
  return isIP(serverName) === 0 ? `${serverName}:${FIRST_NAME_PORT + index}` : undefined;
}

function hostsOf(requests: readonly RequestConfig[], addresses: readonly string[]): Record<string, string> {
  const named = requests.map((request, index) => [nameOf(request, index), addresses[index] ?? ''] as const);
  return Object.fromEntries(named.filter(([name]) => name !== undefined));
}

/** Address and port of a gateway: k6 pins names to addresses, not to other names. */
async function addressOf({ host, port }: RequestConfig): Promise<string> {
  try {
    const { address, family } = await lookup(host);
    return `${family === 6 ? `[${address}]` : address}:${port}`;
  } catch (cause) {
    throw new FaultlineError('LOAD', `The gateway ${host} cannot be resolved: ${messageOf(cause)}`, { cause });
  }
}
