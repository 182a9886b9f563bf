import { parse } from 'yaml';
import type { InboundFault } from '../../mesh/inbound-faults.ts';
import { firstRelease, type IstioVersion } from '../../mesh/istio-version.ts';
import { outlierStatsText } from '../../mesh/stats-text.ts';
import { listOf, mapOf } from '../api/json.ts';
import { type HttpAnswer, TEXT } from '../programs/http.ts';
import type { ClientSidecar } from './client-sidecar.ts';
import { configDump } from './config-dump.ts';

const PROMETHEUS = 'text/plain; version=0.0.4; charset=utf-8';
/** In the form of Envoy's: no commit, and no version of it. */
const VERSION = '0/faultline-sandbox/Clean/RELEASE/none';
const NOT_FOUND: HttpAnswer = { status: 404, body: 'invalid path', contentType: TEXT };

/** What the pages are about. */
type Shown = {
  readonly sidecar: ClientSidecar;
  readonly included: (statName: string) => boolean;
  readonly inbound: readonly InboundFault[];
  readonly istio: IstioVersion;
};

/**
 * The statistics a sidecar shows: pilot-agent's merged page on 15020, Envoy's own on 15090, and Envoy's admin on 15000.
 * Undefined when nothing listens on the port.
 */
export function adminPage(
  { sidecar, included, inbound, istio }: Shown,
  port: number,
  path: string,
): HttpAnswer | undefined {
  if (![15000, 15020, 15090].includes(port)) return undefined;
  const [page, query = ''] = path.split('?', 2);
  const { format, filter, resource } = Object.fromEntries(new URLSearchParams(query));
  if (page === '/stats/prometheus' || (page === '/metrics' && port === 15020)) {
    const wanted = new RegExp(port === 15020 ? '' : (filter ?? ''));
    return { status: 200, body: statisticsText(sidecar, included, wanted), contentType: PROMETHEUS };
  }
  if (port !== 15000) return NOT_FOUND;
  if (page === '/config_dump') return json(configDump(sidecar, inbound, resource));
  if (page === '/server_info') {
    return json({ version: VERSION, state: 'LIVE', node: { metadata: { ISTIO_VERSION: firstRelease(istio) } } });
  }
  if (page === '/stats') return { status: 200, body: drainText(new RegExp(filter ?? '')), contentType: TEXT };
  if (page !== '/clusters') return NOT_FOUND;
  if (format !== 'json') return { status: 200, body: clustersText(sidecar), contentType: TEXT };
  return json(clustersJson(sidecar, new RegExp(filter ?? '')));
}

function json(body: object): HttpAnswer {
  return { status: 200, body: JSON.stringify(body), contentType: 'application/json' };
}

/** A listener takes over at once here: no connection goes on by what was before. */
function drainText(filter: RegExp): string {
  const names = ['total_filter_chains_draining', 'total_listeners_draining'].map((name) => `listener_manager.${name}`);
  return names
    .filter((name) => filter.test(name))
    .map((name) => `${name}: 0\n`)
    .join('');
}

/** Merged by pilot-agent without regard to a filter, which Envoy looks for in its own names of metrics. */
function statisticsText(sidecar: ClientSidecar, included: (statName: string) => boolean, wanted: RegExp): string {
  const live = '# TYPE envoy_server_live gauge\nenvoy_server_live{} 1\n';
  const detecting = sidecar
    .clusters()
    .flatMap(({ name, counters }) => (counters === undefined ? [] : { name, counters }));
  const outliers = outlierStatsText(detecting, (name) => included(name) && wanted.test(name));
  return `${wanted.test('server.live') ? live : ''}\n${outliers}${sidecar.requests.text(wanted)}`;
}

function clustersText(sidecar: ClientSidecar): string {
  const lines = sidecar.clusters().flatMap(({ name, hosts }) =>
    hosts.flatMap((host) => {
      const prefix = `${name}::${host.endpoint.address}`;
      const failed = [
        ...(host.ejectedAt === undefined ? [] : ['/failed_outlier_check']),
        ...(host.ready ? [] : ['/failed_eds_health']),
      ];
      const flags = failed.length === 0 ? 'healthy' : failed.join('');
      return [`${prefix}::health_flags::${flags}`, `${prefix}::priority::${host.priority}`];
    }),
  );
  return `${lines.join('\n')}\n`;
}

/** The part of Envoy's ClusterStatuses that tells who is called, and who is ejected (admin.v3.Clusters). A counter without a value is 0. */
function clustersJson(sidecar: ClientSidecar, filter: RegExp): object {
  const clusters = sidecar.clusters().filter(({ name }) => filter.test(name));
  return {
    cluster_statuses: clusters.map(({ name, hosts }) => ({
      name,
      observability_name: `${name};`,
      host_statuses: hosts.map((host) => {
        const { address, locality } = host.endpoint;
        const colon = address.lastIndexOf(':');
        const failed = host.ejectedAt === undefined ? {} : { failed_outlier_check: true };
        return {
          address: {
            socket_address: { address: address.slice(0, colon), port_value: Number(address.slice(colon + 1)) },
          },
          stats: Object.entries(host.counts).map(([name, value]) =>
            value === 0 ? { name } : { value: `${value}`, name },
          ),
          health_status: { ...failed, eds_health_status: host.ready ? 'HEALTHY' : 'UNHEALTHY' },
          ...(host.priority === 0 ? {} : { priority: host.priority }),
          locality: { region: locality.region, zone: locality.zone },
        };
      }),
    })),
  };
}

/**
 * Which statistics a pod's bootstrap includes, from its annotations `proxy.istio.io/config` and
 * `sidecar.istio.io/statsInclusionRegexps`. Read once, when the pod starts: on a real mesh it takes a restart, too.
 */
export function includedStats(annotations: Readonly<Record<string, string>>): (statName: string) => boolean {
  const config: unknown = parse(annotations['proxy.istio.io/config'] ?? '{}');
  const matcher = mapOf(mapOf(config).proxyStatsMatcher);
  const annotated = annotations['sidecar.istio.io/statsInclusionRegexps'];
  const patterns = annotated === undefined ? listOf(matcher.inclusionRegexps).map(String) : annotated.split(',');
  const prefixes = listOf(matcher.inclusionPrefixes).map(String);
  const suffixes = listOf(matcher.inclusionSuffixes).map(String);
  const expressions = patterns.map((pattern) => new RegExp(`^(?:${pattern})$`));
  return (name) =>
    expressions.some((expression) => expression.test(name)) ||
    prefixes.some((prefix) => name.startsWith(prefix)) ||
    suffixes.some((suffix) => name.endsWith(suffix));
}
