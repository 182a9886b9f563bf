import type { Json } from '../../model/scenario.ts';
import type { PlanOf } from '../define.ts';
import { hasFields } from '../has-fields.ts';
import { INJECTION_DATA, type Injection } from '../http-injection.ts';

/** A mesh fault's own part of its plan. */
export type MeshFaultData = Injection & {
  readonly namespace: string;
  readonly selector: Readonly<Record<string, string>>;
  readonly port: number | null;
  readonly expirySeconds: number;
};

/** Whether the data of a plan is that of a mesh fault. */
export function isMeshFaultData(data: Json): boolean {
  const { selector } = (data ?? {}) as { selector?: Json };
  const fields = { namespace: 'string', port: 'number?', expirySeconds: 'number', ...INJECTION_DATA } as const;
  return hasFields(data, fields) && hasFields(selector, {});
}

/** What the filter is called in Envoy's configuration: nobody else's is. */
export function filterName({ runId, fault }: Pick<PlanOf<MeshFaultData>, 'runId' | 'fault'>): string {
  return `faultline.${runId}.${fault}`;
}

/**
 * The EnvoyFilter that puts Envoy's fault filter in front of the router on the inbound side of the pods' sidecars: it
 * answers there in place of the application, so that the caller's proxy has a response of the upstream, which counts for
 * its outlier detection (Envoy: fault filter; Istio: EnvoyFilter, SIDECAR_INBOUND).
 */
export function filterSpec(plan: Pick<PlanOf<MeshFaultData>, 'runId' | 'fault' | 'data'>): Json {
  const { selector, port } = plan.data;
  return {
    workloadSelector: { labels: selector },
    configPatches: [
      {
        applyTo: 'HTTP_FILTER',
        match: {
          context: 'SIDECAR_INBOUND',
          listener: {
            filterChain: {
              ...(port === null ? {} : { destinationPort: port }),
              filter: {
                name: 'envoy.filters.network.http_connection_manager',
                subFilter: { name: 'envoy.filters.http.router' },
              },
            },
          },
        },
        patch: { operation: 'INSERT_BEFORE', value: { name: filterName(plan), typed_config: faultConfig(plan.data) } },
      },
    ],
  };
}

function faultConfig({ status, delayMs, percent, headers }: MeshFaultData): Json {
  const percentage = { numerator: Math.round(percent * 10_000), denominator: 'TEN_THOUSAND' };
  return {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault',
    ...(status === null ? {} : { abort: { http_status: status, percentage } }),
    ...(delayMs === null ? {} : { delay: { fixed_delay: `${delayMs / 1000}s`, percentage } }),
    ...(headers.length === 0
      ? {}
      : { headers: headers.map(({ name, value }) => ({ name, string_match: { exact: value } })) }),
  };
}
