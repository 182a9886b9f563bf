import { routesFor } from '../mesh/istiod/configuration.ts';
import { meshVirtualService } from '../mesh/route-config.ts';
import type { FaultMove } from '../model/fault-move.ts';
import type { KubeObject } from '../model/kubernetes.ts';
import { resolveHost, serviceOfHost } from '../model/service-host.ts';
import type { Ratio } from '../model/units.ts';
import { configurationOf, type LiveSystem, servicePortsOf } from './live-system.ts';

type Asked = Extract<FaultMove, { kind: 'caller-fault' }>;

/** The routes that callers get, and the Service (`namespace/name`) that their own proxies answer for. */
export type CallerFault = { readonly routes: KubeObject; readonly service: string; readonly percent: Ratio };

/** What a fault in the proxies of callers comes to, or why nobody can say. */
export function callerFault(fault: string, asked: Asked, { clusters }: LiveSystem): CallerFault | { unknown: string } {
  const { cluster, namespace, callers, host, status, delayMs, percent, isOfSome } = asked;
  if (isOfSome) return { unknown: `${fault} hits requests with certain headers, and which those are is not known` };
  const live = clusters.find(({ name }) => name === cluster);
  const name = resolveHost(host, namespace);
  const caller = { namespace, labels: callers };
  const table = live && routesFor(configurationOf(live), servicePortsOf(live), caller, () => 0);
  const other = table && meshVirtualService(table, name)?.metadata;
  if (other !== undefined)
    return { unknown: `VirtualService ${other.namespace}/${other.name} routes ${name}, and only the older one counts` };
  const percentage = { value: percent * 100 };
  const injected = {
    ...(status === undefined ? {} : { abort: { httpStatus: status, percentage } }),
    ...(delayMs === undefined ? {} : { delay: { fixedDelay: `${delayMs / 1000}s`, percentage } }),
  };
  const route = [{ destination: { host: name } }];
  const http = [{ match: [{ sourceLabels: { ...callers } }], fault: injected, route }, { route }];
  const routes = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: fault, namespace },
    spec: { hosts: [name], exportTo: ['.'], gateways: ['mesh'], http },
  };
  return { routes, service: serviceOfHost(name) ?? name, percent };
}
