import type { CalledWorkload } from './requests-reader.ts';

/** How a request ended that a calling proxy sent along a route. */
type SentRequest = {
  /** Full name of the Service. */
  readonly host: string;
  /** Of the host that was chosen last. */
  readonly workload: CalledWorkload | undefined;
  /** 0 where the caller went away first. */
  readonly status: number;
  /** Flags of Envoy's access log, `-` for none. */
  readonly flags: string;
};

/** Istio's request metrics of one calling proxy, in the Prometheus text format (istio/proxy istio_stats.cc). */
export class RequestMetrics {
  readonly #clusterId: string;
  readonly #totals = new Map<string, number>();

  constructor(clusterId: string) {
    this.#clusterId = clusterId;
  }

  count({ host, workload, status, flags }: SentRequest): void {
    const [service = '', namespace = ''] = host.split('.');
    const {
      name,
      namespace: of,
      clusterId,
    } = workload ?? { name: 'unknown', namespace: 'unknown', clusterId: 'unknown' };
    const labels = {
      ...{ reporter: 'source', source_cluster: this.#clusterId },
      ...{ destination_workload: name, destination_workload_namespace: of, destination_cluster: clusterId },
      ...{ destination_service: host, destination_service_name: service, destination_service_namespace: namespace },
      ...{ request_protocol: 'http', response_code: `${status}`, grpc_response_status: '', response_flags: flags },
    };
    const text = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    const series = `istio_requests_total{${text.join(',')}}`;
    this.#totals.set(series, (this.#totals.get(series) ?? 0) + 1);
  }

  /** `filter` as Envoy's admin page takes it, by the name of a metric. */
  text(filter: RegExp): string {
    const build = '# TYPE istio_build gauge\nistio_build{component="proxy",tag="sandbox"} 1\n';
    const lines = [...this.#totals].map(([series, total]) => `${series} ${total}\n`);
    const requests = lines.length === 0 ? '' : `# TYPE istio_requests_total counter\n${lines.join('')}`;
    return `${filter.test('istio_requests_total') ? requests : ''}${filter.test('istio_build') ? build : ''}`;
  }
}
