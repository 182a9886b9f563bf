import type { Labels } from '../model/labels.ts';
import { metricLabels } from './metric-labels.ts';
/** The end of a request: the workload whose pod the calling proxy chose last, as istiod names it. */
export type CalledWorkload = {
  readonly name: string;
  readonly namespace: string;
  /** Istio's own ID of its cluster; empty where that is not told. */
  readonly clusterId: string;
};

/** One series of `istio_requests_total` in a calling proxy: a counter that only rises, and begins anew with the proxy. */
export type RequestSeries = {
  /** Tells the series of one proxy apart. */
  readonly key: string;
  readonly service: string;
  readonly namespace: string;
  /** Undefined where no pod was chosen, or nothing tells which. */
  readonly workload: CalledWorkload | undefined;
  /** `refused`: failed without a connection. */
  readonly outcome: 'served' | 'failed' | 'refused';
  readonly total: number;
};

/** What a proxy counts of the requests that it sent, and Istio's ID of its own cluster where it has sent any. */
type RequestCounts = { readonly clusterId: string | undefined; readonly series: readonly RequestSeries[] };

/** Path of the page with what is read here and no more; pilot-agent's merged page does not look at the query. */
export const REQUESTS_PAGE = `/stats/prometheus?filter=${encodeURIComponent('istio_(requests_total|build)')}`;

const REQUESTS = /^istio_requests_total\s*\{(.*)\}\s*(\S+)/;
/** The metrics' own version, which is there before the first request. */
const BUILD = /^istio_build\s*\{/m;
const SERVICE = /^([^.]+)\.([^.]+)\.svc(?:[.:]|$)/;
const NEEDED = ['destination_service', 'destination_workload', 'response_code'] as const;
/** Statuses of gRPC that Envoy takes for a server error (source/common/grpc/status.cc, grpcToHttpStatus). */
const FAILED_GRPC = new Set(['2', '4', '12', '13', '14', '15']);

/**
 * Reads what a real Istio proxy prints of the requests that it sent (istio.io/latest/docs/reference/config/metrics;
 * istio/proxy istio_stats.cc: the workload is that of the last chosen host, also where it did not answer). Retries of one
 * request are one. Throws an Error in words where the page does not tell whom the proxy calls.
 */
export function readRequests(text: string): RequestCounts {
  let clusterId: string | undefined;
  let isTold = BUILD.test(text);
  const series: RequestSeries[] = [];
  for (const line of text.split('\n')) {
    const [, labelsText = '', value = ''] = REQUESTS.exec(line) ?? [];
    if (value === '') continue;
    isTold = true;
    const labels = metricLabels(labelsText);
    if (labels.reporter !== 'source') continue;
    const missing = NEEDED.find((name) => labels[name] === undefined);
    if (missing !== undefined)
      throw new Error(`istio_requests_total has no label ${missing}: a Telemetry takes it away`);
    clusterId ??= known(labels.source_cluster);
    const one = seriesOf(labels, labelsText, Number(value));
    if (one !== undefined) series.push(one);
  }
  if (!isTold) throw new Error('its metrics do not have istio_requests_total: a Telemetry turns it off');
  return { clusterId, series };
}

function seriesOf(labels: Labels, key: string, total: number): RequestSeries | undefined {
  const [, service, namespace] = SERVICE.exec(labels.destination_service ?? '') ?? [];
  const outcome = outcomeOf(labels);
  if (service === undefined || namespace === undefined || outcome === undefined) return undefined;
  if (!Number.isFinite(total) || total < 0) return undefined;
  const name = known(labels.destination_workload);
  const workload = name && {
    name,
    namespace: known(labels.destination_workload_namespace) ?? namespace,
    clusterId: known(labels.destination_cluster) ?? '',
  };
  return { key, service, namespace, workload: workload || undefined, outcome, total };
}

/** Undefined for what the caller gave up, which says nothing of who was called. */
function outcomeOf(labels: Labels): RequestSeries['outcome'] | undefined {
  const code = Number(labels.response_code);
  if (!(code > 0)) return undefined;
  if ((labels.response_flags ?? '').split(',').includes('UF')) return 'refused';
  return code >= 500 || FAILED_GRPC.has(labels.grpc_response_status ?? '') ? 'failed' : 'served';
}

/** Istio writes `unknown` for what it does not know. */
function known(label: string | undefined): string | undefined {
  return label === 'unknown' || label === '' ? undefined : label;
}
