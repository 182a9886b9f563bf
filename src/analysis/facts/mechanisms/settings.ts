import type { MechanismKind } from '../../../model/mechanism.ts';

/** What was counted of the hosts at which a mechanism was seen. */
export type Seen = {
  /** Whose calls failed. */
  readonly service: string;
  /** Of the failed calls: those without a connection, and others. */
  readonly refused: number;
  readonly answered: number;
  /** Hosts that were out, by why. */
  readonly ejected: number;
  readonly unready: number;
};

const rule = ({ service }: Seen): string => `in the DestinationRule of ${service}`;
const route = ({ service }: Seen): string => `in the VirtualService of ${service}`;

/** Counters of consecutive failures that eject a host, by how its calls failed. */
function thresholds({ refused, answered }: Seen): string {
  const fields = [
    ...(answered > 0 ? ['consecutive5xxErrors'] : []),
    ...(refused > 0 ? ['consecutiveLocalOriginFailures (with splitExternalLocalOriginErrors)'] : []),
  ];
  return `outlierDetection.${fields.join(' and ')}`;
}

function outText(seen: Seen): string {
  const { service, ejected, unready } = seen;
  return [
    ...(ejected > 0
      ? [`outlierDetection.maxEjectionPercent, baseEjectionTime and minHealthPercent ${rule(seen)}`]
      : []),
    ...(unready > 0 ? [`readinessProbe and replicas of the pods of ${service}`] : []),
  ].join('; ');
}

/** The fields that change what a mechanism costs. */
export const SETTINGS: Readonly<Record<MechanismKind, (seen: Seen) => string>> = {
  'first-failure': (seen) => `${thresholds(seen)} ${rule(seen)}; retries.retryOn ${route(seen)} hides it`,
  'merge-window': (seen) =>
    `common_lb_config.update_merge_window of the callers' cluster, by an EnvoyFilter; retries.retryOn ${route(seen)} hides it`,
  'not-ejected': (seen) => `${thresholds(seen)} ${rule(seen)}`,
  'ejection-limit': (seen) => `outlierDetection.maxEjectionPercent ${rule(seen)}`,
  'tried-again': (seen) => `outlierDetection.baseEjectionTime ${rule(seen)}`,
  'unready-endpoint': (seen) =>
    `PILOT_AUTO_SEND_UNHEALTHY_ENDPOINTS of istiod, or outlierDetection.minHealthPercent ${rule(seen)}; readinessProbe and maxSurge of ${seen.service}`,
  'leaving-endpoint': ({ service }) =>
    `lifecycle.preStop, terminationGracePeriodSeconds and readinessProbe of the pods of ${service}`,
  'no-healthy-host': outText,
  'retries-exhausted': (seen) => `retries.attempts and retries.retryRemoteLocalities ${route(seen)}`,
  'connect-timeout': (seen) => `connectionPool.tcp.connectTimeout ${rule(seen)}`,
  timeout: (seen) => `timeout and retries.perTryTimeout ${route(seen)}`,
  'no-answer': (seen) => `timeout ${route(seen)}; connectionPool.tcp.tcpKeepalive ${rule(seen)}`,
  'circuit-breaker': (seen) =>
    `connectionPool.tcp.maxConnections, connectionPool.http.http1MaxPendingRequests and http2MaxRequests ${rule(seen)}`,
};
