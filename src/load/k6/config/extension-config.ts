import { FaultlineError } from '../../../model/errors.ts';
import type { SentLoad } from '../../../model/ports.ts';
import { ratesOf } from '../../../model/rates.ts';
import type { ChainPattern } from '../../../model/scenario.ts';
import type { Path } from '../../../model/target.ts';
import type { Millis } from '../../../model/units.ts';
import { arrivals, capacity, timingsOf } from './arrivals.ts';
import { headerOf, type RequestConfig, requestConfig } from './request.ts';

/** What the Go side of the extension looks for. */
const SCENARIO_PREFIX = 'path';

/** A path as the extension is told of it. PEM texts are empty where there are none. */
type PathConfig = RequestConfig & {
  readonly http2: boolean;
  readonly grpc: boolean;
  /** Between two requests. */
  readonly intervalNs: number;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly insecure: boolean;
};

/** What the extension is told, in its own spelling. */
type ClientConfig = {
  readonly socket: string;
  readonly paths: readonly PathConfig[];
  readonly timeoutMs: number;
  readonly keep: boolean;
  /** Empty: no chain is read there, and the text that it stands in is told. */
  readonly hop: string;
  readonly header: string;
};

/** The file the script reads: k6's options and the extension's configuration. */
type ExtensionConfig = { readonly options: Record<string, unknown>; readonly client: ClientConfig };

/** Words a load for k6. Throws FaultlineError LOAD where it cannot be sent. */
export function extensionConfig(
  load: SentLoad,
  paths: readonly Path[],
  { socket, longestMs }: { socket: string; longestMs: Millis },
): ExtensionConfig {
  if (paths.length === 0) throw new FaultlineError('LOAD', 'There is no path to send requests on.');
  const rateOf = ratesOf(load);
  const timings = timingsOf(paths.map(({ name }) => rateOf(name)));
  const scenarios = paths.map(({ name }, index) => {
    const env = { FAULTLINE_PATH: String(index) };
    const timing = timings[index] ?? { intervalNs: 0, offsetNs: 0 };
    return [
      `${SCENARIO_PREFIX}${index}`,
      arrivals(load, timing, { users: capacity(load, rateOf(name)), longestMs, env }),
    ];
  });
  return {
    options: { scenarios: Object.fromEntries(scenarios), systemTags: ['scenario'] },
    client: {
      socket,
      paths: paths.map((path, index) => pathConfig(path, load, timings[index]?.intervalNs ?? 0)),
      timeoutMs: load.timeoutMs,
      keep: load.connections === 'kept',
      hop: isReadThere(load.chain) ? load.chain.hop : '',
      header: headerOf(load),
    },
  };
}

function pathConfig(path: Path, load: SentLoad, intervalNs: number): PathConfig {
  const { ca = '', client } = load.tls?.[path.id] ?? {};
  const { cert = '', key = '' } = client ?? {};
  const http2 = path.http2 === true;
  const grpc = load.paths.some(({ name, request }) => name === path.name && request.protocol === 'grpc');
  return {
    ...requestConfig(path, load),
    http2,
    grpc,
    intervalNs,
    ca,
    cert,
    key,
    insecure: path.tls?.insecure === true,
  };
}

/** Whether the extension reads the chain itself, which costs least: hops of service and zone, and nothing besides. */
function isReadThere({ from, hop, anywhere }: ChainPattern): boolean {
  const isWhole = hop.includes('{service}') && hop.includes('{zone}') && !hop.includes('{pod}');
  return from.kind !== 'pointer' && anywhere !== true && isWhole;
}
