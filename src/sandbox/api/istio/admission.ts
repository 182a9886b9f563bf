import { ApiError } from '../errors.ts';
import { isMap, type JsonMap, listOf, mapOf, mapsOf, stringOf } from '../json.ts';
import type { Resource } from '../resource.ts';
import { checkDestinationRule } from './destination-rule.ts';
import { Findings } from './findings.ts';
import { checkGateway, checkScopedHost } from './gateway.ts';
import { checkVirtualService } from './virtual-service.ts';

type Check = (spec: JsonMap, namespace: string, findings: Findings) => void;

const CHECKS: Readonly<Record<string, Check>> = {
  DestinationRule: checkDestinationRule,
  VirtualService: checkVirtualService,
  Gateway: (spec, _namespace, findings) => checkGateway(spec, findings),
  Sidecar: (spec, _namespace, findings) => checkSidecar(spec, findings),
  ServiceEntry: (spec, namespace, findings) => checkServiceEntry(spec, namespace, findings),
};

/** Objects of a revision go to its own webhook; the others to that of the default one, which `istioctl install` sets up. */
const REVISION = 'istio.io/rev';

/**
 * The rules of Istio's validating webhook (Istio: pkg/config/validation), as far as they are about who is called. Throws as
 * the API server refuses when the webhook does; gives back its warnings.
 */
export function admitIstio(object: JsonMap, resource: Resource): readonly string[] {
  const check = resource.group === 'networking.istio.io' ? CHECKS[resource.kind] : undefined;
  if (check === undefined) return [];
  const findings = new Findings();
  check(mapOf(object.spec), stringOf(mapOf(object.metadata).namespace), findings);
  const { errors, warnings } = findings;
  if (errors.length === 0) return warnings;
  const list = errors.length === 1 ? errors[0] : `${errors.length} errors occurred:\n\t* ${errors.join('\n\t* ')}\n\n`;
  const { labels } = mapOf(object.metadata);
  const webhook = mapOf(labels)[REVISION] === undefined ? 'validation.istio.io' : 'rev.validation.istio.io';
  const why = `admission webhook "${webhook}" denied the request: configuration is invalid: ${list}`;
  throw new ApiError(400, '', why);
}

/** Istio: ValidateSidecar, its egress. */
function checkSidecar(spec: JsonMap, findings: Findings): void {
  const egress = mapsOf(spec.egress);
  const set = ['ingress', 'outboundTrafficPolicy', 'inboundConnectionPool'].some((field) => spec[field] !== undefined);
  findings.need(egress.length > 0 || set, 'sidecar: empty configuration provided');
  for (const [index, { hosts, port }] of egress.entries()) {
    if (!isMap(port) && index < egress.length - 1) {
      findings.error('sidecar: the egress listener with empty port should be the last listener in the list');
    }
    findings.need(listOf(hosts).length > 0, 'sidecar: egress listener must contain at least one host');
    for (const host of listOf(hosts)) checkScopedHost(String(host), 'sidecar', findings);
  }
}

/** Istio: ValidateServiceEntry, hosts and ports. */
function checkServiceEntry(spec: JsonMap, namespace: string, findings: Findings): void {
  const hosts = listOf(spec.hosts).map(String);
  findings.need(hosts.length > 0, 'service entry must have at least one host');
  for (const host of hosts) {
    if (host === '*') findings.error(`invalid host ${host}`);
    else findings.domain(host);
  }
  for (const { number } of mapsOf(spec.ports)) findings.port(number);
  findings.exportTo(namespace, listOf(spec.exportTo).map(String), false);
}
