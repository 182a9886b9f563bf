import { isMap, type JsonMap, listOf, mapOf, mapsOf, numberOf, stringOf } from '../json.ts';
import { checkSubsetName } from './destination-rule.ts';
import { DNS_LABEL, type Findings } from './findings.ts';

/** Istio: ValidateVirtualService, without headers, CORS and the search for routes that can never be reached. */
export function checkVirtualService(spec: JsonMap, namespace: string, findings: Findings): void {
  const hosts = listOf(spec.hosts).map(String);
  const gateways = listOf(spec.gateways).map(String);
  const delegate = hosts.length === 0;
  if (delegate) checkDelegate(spec, findings);
  checkGatewayNames(gateways, findings);
  checkHosts(hosts, { bound: gateways.some((name) => name !== 'mesh') }, findings);
  const routes = { http: mapsOf(spec.http), tls: mapsOf(spec.tls), tcp: mapsOf(spec.tcp) };
  if (Object.values(routes).every((list) => list.length === 0)) {
    findings.error('http, tcp or tls must be provided in virtual service');
  }
  for (const route of routes.http) checkHttpRoute(route, delegate, findings);
  for (const route of [...routes.tls, ...routes.tcp]) {
    for (const { destination } of mapsOf(route.route)) checkDestination(destination, findings);
  }
  findings.exportTo(namespace, listOf(spec.exportTo).map(String), false);
}

function checkDelegate(spec: JsonMap, findings: Findings): void {
  const must = 'delegate virtual service must have no';
  findings.need(listOf(spec.gateways).length === 0, `${must} gateways specified`);
  findings.need(listOf(spec.tls).length === 0, `${must} tls route specified`);
  findings.need(listOf(spec.tcp).length === 0, `${must} tcp route specified`);
}

function checkGatewayNames(names: readonly string[], findings: Findings): void {
  for (const name of names) {
    const [namespace = '', gateway] = name.split('/', 2);
    if (gateway === undefined) {
      findings.domain(name);
      return;
    }
    findings.need(namespace !== '' && gateway !== '', 'config namespace and gateway name cannot be empty');
    findings.need(DNS_LABEL.test(namespace), `invalid value for namespace: ${JSON.stringify(namespace)}`);
    findings.need(DNS_LABEL.test(gateway), `invalid value for gateway name: ${JSON.stringify(gateway)}`);
  }
}

const ADDRESS = /^\d+\.\d+\.\d+\.\d+$|:/;

function checkHosts(hosts: readonly string[], { bound }: { bound: boolean }, findings: Findings): void {
  const before = findings.errors.length;
  for (const host of hosts) {
    if (!ADDRESS.test(host)) findings.domain(host);
    if (host === '*' && !bound) {
      findings.error('wildcard host * is not allowed for virtual services bound to the mesh gateway');
    }
  }
  if (findings.errors.length > before) return;
  for (const [index, host] of hosts.entries()) {
    for (const other of hosts.slice(index + 1)) {
      if (hostsMatch(host, other)) findings.error(`duplicate hosts in virtual service: ${host} & ${other}`);
    }
  }
}

/** Istio: host.Name.Matches. */
function hostsMatch(a: string, b: string): boolean {
  const [first, second] = [a.startsWith('*'), b.startsWith('*')];
  if (first && second) return a.length < b.length ? b.endsWith(a.slice(1)) : a.endsWith(b.slice(1));
  if (first) return b.endsWith(a.slice(1));
  return second ? a.endsWith(b.slice(1)) : a === b;
}

function checkHttpRoute(route: JsonMap, delegate: boolean, findings: Findings): void {
  checkConflicts(route, delegate, findings);
  for (const match of mapsOf(route.match)) {
    if (numberOf(match.port) !== 0) findings.port(match.port);
  }
  if (isMap(route.fault)) checkFault(route.fault, findings);
  checkDestination(route.mirror, findings);
  for (const { destination } of mapsOf(route.mirrors)) checkDestination(destination, findings);
  if (isMap(route.retries)) checkRetries(route.retries, findings);
  const targets = mapsOf(route.route);
  for (const { destination, weight } of targets) {
    if (destination === undefined) findings.error('destination is required');
    checkDestination(destination, findings);
    findings.need(numberOf(weight) >= 0, `weight ${String(weight)} < 0`);
  }
  const total = targets.reduce((sum, { weight }) => sum + numberOf(weight), 0);
  if (targets.length > 1 && total === 0) findings.error('total destination weight = 0');
  findings.duration(route.timeout);
}

/** Istio: validateHTTPRouteConflict. */
function checkConflicts(route: JsonMap, delegate: boolean, findings: Findings): void {
  const has = (field: string): boolean => route[field] !== undefined;
  const name = stringOf(route.name);
  if (!delegate && has('delegate')) {
    findings.need(!has('redirect'), `root HTTP route ${name} must not specify redirect`);
    findings.need(!has('route'), `root HTTP route ${name} must not specify route`);
    return;
  }
  if (delegate) findings.need(!has('delegate'), 'delegate HTTP route cannot contain delegate');
  const routed = mapsOf(route.route).length > 0;
  const answer = has('redirect') ? 'redirect' : has('directResponse') ? 'direct_response' : undefined;
  if (answer === undefined) {
    findings.need(routed, 'HTTP route, redirect or direct_response is required');
  } else {
    findings.need(!routed, `HTTP route cannot contain both route and ${answer}`);
    findings.need(!has('fault'), `HTTP route cannot contain both fault and ${answer}`);
    findings.need(!has('rewrite'), `HTTP route rule cannot contain both rewrite and ${answer}`);
  }
  const both = answer === 'redirect' && has('directResponse');
  findings.need(!both, 'HTTP route rule cannot contain both direct_response and redirect');
  const mirrored = has('mirror') && listOf(route.mirrors).length > 0;
  findings.need(!mirrored, 'HTTP route cannot contain both mirror and mirrors');
}

function checkDestination(value: unknown, findings: Findings): void {
  if (!isMap(value)) return;
  const host = stringOf(value.host);
  if (host === '*') findings.error('invalid destination host *');
  else findings.domain(host);
  if (stringOf(value.subset) !== '') checkSubsetName(stringOf(value.subset), findings);
  if (isMap(value.port)) findings.port(value.port.number);
}

function checkFault(fault: JsonMap, findings: Findings): void {
  const { abort, delay } = fault;
  if (abort === undefined && delay === undefined) {
    findings.error('HTTP fault injection must have an abort and/or a delay');
  }
  if (isMap(abort)) {
    checkPercentage(abort.percentage, findings);
    const { httpStatus } = abort;
    if (typeof httpStatus === 'number') {
      findings.need(httpStatus >= 200 && httpStatus <= 600, `HTTP status ${httpStatus} is not in range 200-599`);
    } else if (abort.grpcStatus === undefined) findings.warn('abort configured, but error type not set');
  }
  if (!isMap(delay)) return;
  checkPercentage(delay.percentage, findings);
  findings.duration(delay.fixedDelay);
}

function checkPercentage(value: unknown, findings: Findings): void {
  if (!isMap(value)) return;
  const percent = numberOf(mapOf(value).value);
  findings.need(percent >= 0 && percent <= 100, `percentage ${percent.toFixed(6)} is not in range [0.0, 100.0]`);
}

/** What `retryOn` may name (Istio: supportedRetryOnPolicies), beside status codes. */
const RETRY_ON = new Set([
  ...['5xx', 'gateway-error', 'reset', 'reset-before-request', 'connect-failure', 'retriable-4xx', 'refused-stream'],
  ...['retriable-status-codes', 'retriable-headers', 'envoy-ratelimited', 'http3-post-connect-failure'],
  ...['cancelled', 'deadline-exceeded', 'internal', 'resource-exhausted', 'unavailable'],
]);

function checkRetries(retries: JsonMap, findings: Findings): void {
  const attempts = numberOf(retries.attempts);
  findings.need(attempts >= 0, 'attempts cannot be negative');
  const set = ['perTryTimeout', 'retryOn', 'retryRemoteLocalities'].some((field) => retries[field] !== undefined);
  if (attempts === 0 && set) {
    findings.error('http retry policy configured when attempts are set to 0 (disabled)');
  }
  findings.duration(retries.perTryTimeout);
  for (const word of stringOf(retries.retryOn).split(',')) {
    const good = word === '' || RETRY_ON.has(word) || /^[1-5]\d\d$/.test(word);
    findings.need(good, `${JSON.stringify(word)} is not a valid retryOn policy`);
  }
  findings.duration(retries.backoff);
}
