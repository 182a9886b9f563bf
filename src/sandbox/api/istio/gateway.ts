import { isMap, type JsonMap, listOf, mapOf, mapsOf, numberOf, stringOf } from '../json.ts';
import { DNS_LABEL, type Findings } from './findings.ts';

const PROTOCOLS = new Set([
  ...[
    'HTTP',
    'HTTP2',
    'GRPC',
    'GRPC-WEB',
    'HTTPS',
    'TLS',
    'TCP',
    'UDP',
    'MONGO',
    'REDIS',
    'MYSQL',
    'HTTP_PROXY',
    'HBONE',
  ],
]);
const PLAIN_HTTP = new Set(['HTTP', 'HTTP2', 'GRPC', 'GRPC-WEB', 'HTTP_PROXY']);

/** Istio: ValidateGateway, without unix sockets and lists of certificates. */
export function checkGateway(spec: JsonMap, findings: Findings): void {
  const servers = mapsOf(spec.servers);
  if (servers.length === 0) findings.error('gateway must have at least one server');
  const names = new Set<string>();
  for (const server of servers) checkServer(server, findings);
  for (const { port, tls } of servers) {
    const name = stringOf(mapOf(port).name);
    if (names.has(name)) findings.error(`port names in servers must be unique: duplicate name ${name}`);
    names.add(name);
    if (!PLAIN_HTTP.has(protocolOf(port)) && mapOf(tls).httpsRedirect === true) {
      findings.warn('tls.httpsRedirect should only be used with http servers');
    }
  }
}

function protocolOf(port: unknown): string {
  return stringOf(mapOf(port).protocol).toUpperCase();
}

function checkServer({ hosts, port, tls }: JsonMap, findings: Findings): void {
  if (listOf(hosts).length === 0) findings.error('server config must contain at least one host');
  for (const host of listOf(hosts)) checkScopedHost(String(host), 'gateway', findings);
  const before = findings.errors.length;
  checkPort(port, findings);
  const secure = ['HTTPS', 'TLS'].includes(protocolOf(port));
  if (isMap(tls)) checkTls(tls, findings);
  if (findings.errors.length > before) return;
  if (secure && tls === undefined) findings.error('server must have TLS settings for HTTPS/TLS protocols');
  if (secure || !isMap(tls)) return;
  if (!PLAIN_HTTP.has(protocolOf(port))) findings.error('server cannot have TLS settings for non HTTPS/TLS ports');
  else if (stringOf(tls.mode, 'PASSTHROUGH') !== 'PASSTHROUGH' || tls.serverCertificate !== undefined) {
    findings.error('server cannot have TLS settings for plain text HTTP ports');
  }
}

function checkPort(port: unknown, findings: Findings): void {
  if (!isMap(port)) {
    findings.error('port is required');
    return;
  }
  const protocol = stringOf(port.protocol);
  if (!PROTOCOLS.has(protocol.toUpperCase())) {
    const supported = 'HTTP, HTTP2, GRPC, GRPC-WEB, MONGO, REDIS, MYSQL, TCP';
    findings.error(`invalid protocol ${JSON.stringify(protocol)}, supported protocols are ${supported}`);
  }
  findings.port(port.number);
  findings.need(numberOf(port.targetPort) === 0, 'targetPort has no impact on Gateways');
  findings.need(
    stringOf(port.name) !== '',
    `port name must be set: number:${String(port.number)}  protocol:${JSON.stringify(protocol)}`,
  );
}

function checkTls(tls: JsonMap, findings: Findings): void {
  const simple = tls.mode === 'SIMPLE';
  const mutual = tls.mode === 'MUTUAL' || tls.mode === 'OPTIONAL_MUTUAL';
  if ((!simple && !mutual) || tls.credentialName !== undefined || listOf(tls.credentialNames).length > 0) return;
  const what = mutual ? 'MUTUAL TLS' : 'SIMPLE TLS';
  if (mutual) findings.need(stringOf(tls.caCertificates) !== '', `${what} requires a client CA bundle`);
  const certificates = mapsOf(tls.tlsCertificates).length > 0 ? mapsOf(tls.tlsCertificates) : [tls];
  for (const { serverCertificate, privateKey } of certificates) {
    findings.need(stringOf(serverCertificate) !== '', `${what} requires a server certificate`);
    findings.need(stringOf(privateKey) !== '', `${what} requires a private key`);
  }
}

/** `namespace/host`; a gateway may leave the namespace out (Istio: agent.ValidateNamespaceSlashWildcardHostname). */
export function checkScopedHost(text: string, what: 'gateway' | 'sidecar', findings: Findings): void {
  const slash = text.indexOf('/');
  if (slash < 0 && what === 'sidecar') {
    findings.error('host must be of form namespace/dnsName');
    return;
  }
  const namespace = slash < 0 ? '*' : text.slice(0, slash);
  const host = text.slice(slash + 1);
  findings.need(namespace !== '' && host !== '', 'config namespace and dnsName in host entry cannot be empty');
  const name = what === 'sidecar' ? namespace.replace(/^~/, '') : namespace;
  const fine = ['*', '.', ''].includes(name) || DNS_LABEL.test(name);
  findings.need(fine, `invalid namespace value ${JSON.stringify(namespace)} in ${what}`);
  findings.need(host === '*' || host.includes('.'), 'short names (non FQDN) are not allowed');
  if (!/^\d+\.\d+\.\d+\.\d+$/.test(host)) findings.domain(host);
}
