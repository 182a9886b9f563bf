import { isMap, type JsonMap, listOf, mapOf, mapsOf, numberOf, stringOf } from '../json.ts';
import { DNS_LABEL, type Findings } from './findings.ts';
import { checkLocalityLb } from './locality-lb.ts';

const POLICY_FIELDS = [
  ...['outlierDetection', 'connectionPool', 'loadBalancer', 'tls', 'portLevelSettings', 'tunnel', 'proxyProtocol'],
  'retryBudget',
];
const PORT_FIELDS = ['outlierDetection', 'connectionPool', 'loadBalancer', 'tls'];

/** Istio: ValidateDestinationRule, without TLS, tunnels and hash rings. */
export function checkDestinationRule(spec: JsonMap, namespace: string, findings: Findings): void {
  findings.domain(stringOf(spec.host));
  if (isMap(spec.trafficPolicy)) checkTrafficPolicy(spec.trafficPolicy, findings);
  const names = new Set<string>();
  for (const subset of mapsOf(spec.subsets)) {
    const name = stringOf(subset.name);
    if (names.has(name)) findings.error(`duplicate subset names: ${name}`);
    names.add(name);
    checkSubsetName(name, findings);
    if (isMap(subset.trafficPolicy)) checkTrafficPolicy(subset.trafficPolicy, findings);
  }
  findings.exportTo(namespace, listOf(spec.exportTo).map(String), isMap(spec.workloadSelector));
}

/** Istio: validateSubsetName. */
export function checkSubsetName(name: string, findings: Findings): void {
  if (name === '') findings.error('subset name cannot be empty');
  else findings.need(DNS_LABEL.test(name), `subset name is invalid: ${name}`);
}

function checkTrafficPolicy(policy: JsonMap, findings: Findings): void {
  if (!POLICY_FIELDS.some((field) => policy[field] !== undefined)) {
    findings.error('traffic policy must have at least one field');
    return;
  }
  checkSettings(policy, findings);
  for (const port of mapsOf(policy.portLevelSettings)) {
    findings.need(isMap(port.port), 'portTrafficPolicy must have valid port');
    if (PORT_FIELDS.some((field) => port[field] !== undefined)) checkSettings(port, findings);
    else findings.error('port traffic policy must have at least one field');
  }
}

function checkSettings(policy: JsonMap, findings: Findings): void {
  if (isMap(policy.outlierDetection)) checkOutlierDetection(policy.outlierDetection, findings);
  if (isMap(policy.connectionPool)) checkConnectionPool(policy.connectionPool, findings);
  const setting = mapOf(policy.loadBalancer).localityLbSetting;
  if (isMap(setting)) checkLocalityLb(setting, isMap(policy.outlierDetection), findings);
}

function checkOutlierDetection(outlier: JsonMap, findings: Findings): void {
  findings.duration(outlier.baseEjectionTime);
  if (numberOf(outlier.consecutiveErrors) !== 0) {
    findings.warn(
      'outlier detection consecutive errors is deprecated, use consecutiveGatewayErrors or consecutive5xxErrors instead',
    );
  }
  if (outlier.splitExternalLocalOriginErrors !== true && numberOf(outlier.consecutiveLocalOriginFailures) > 0) {
    findings.error(
      'outlier detection consecutive local origin failures is specified, but split external local origin errors is set to false',
    );
  }
  findings.duration(outlier.interval);
  for (const value of [numberOf(outlier.maxEjectionPercent), numberOf(outlier.minHealthPercent)]) {
    findings.need(value >= 0 && value <= 100, `percentage ${value} is not in range 0..100`);
  }
}

const COUNTS = {
  http: {
    http1MaxPendingRequests: 'http1 max pending requests',
    http2MaxRequests: 'http2 max requests',
    maxRequestsPerConnection: 'max requests per connection',
    maxRetries: 'max retries',
    maxConcurrentStreams: 'max concurrent streams',
  },
  tcp: { maxConnections: 'max connections' },
} as const;

function checkConnectionPool(pool: JsonMap, findings: Findings): void {
  const http = mapOf(pool.http);
  const tcp = mapOf(pool.tcp);
  if (!isMap(pool.http) && !isMap(pool.tcp)) {
    findings.error('connection pool must have at least one field');
    return;
  }
  for (const [block, counts] of [
    [http, COUNTS.http],
    [tcp, COUNTS.tcp],
  ] as const) {
    for (const [field, words] of Object.entries(counts)) {
      findings.need(numberOf(block[field]) >= 0, `${words} must be non-negative`);
    }
  }
  findings.duration(http.idleTimeout);
  findings.duration(tcp.connectTimeout);
  findings.duration(tcp.maxConnectionDuration);
  const upgraded = http.h2UpgradePolicy === 'UPGRADE' && http.useClientProtocol === true;
  findings.need(!upgraded, 'use client protocol must not be true when H2UpgradePolicy is UPGRADE');
}
