import { gatewaysOf } from '../../mesh/east-west.ts';
import type { NetworkGateway } from '../../mesh/networks.ts';
import type { OutlierSettings } from '../../mesh/settings.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import { type Found, type LintRule, objectIn } from '../finding.ts';
import { calledText } from '../grouped.ts';
import { hostsOf } from '../ladder.ts';
import type { Call, LintSystem } from '../system.ts';
import { placesOf } from '../whereabouts.ts';

/** Istio: ep_filters.go EndpointsByNetworkFilter; Envoy: eds.cc keeps one host for an address, outlier_detection_impl.cc. */
export const oneEastWestGateway: LintRule = {
  id: 'one-east-west-gateway',
  severity: 'warning',
  title: 'a whole network is one host for callers of another',
  why: 'Istio replaces the endpoints of another network by the addresses of its east-west gateways, and Envoy keeps one host for each address (Istio `ep_filters.go` EndpointsByNetworkFilter, Envoy `eds.cc`). Outlier detection sees that host alone: what one bad pod behind it answers, or one connection that fails, ejects all of them at once, and with them the region.',
  change:
    'Give the network a second address (another Service with its label, or a load balancer with one for each zone), and let more than one failure eject.',
  ofChoice: true,
  check: (system) =>
    system.live.clusters.flatMap(({ name, eastWest }) => eastWest.flatMap((one) => foundIn(system, name, one))),
};

function foundIn({ calls }: LintSystem, cluster: string, service: KubeObject): Found[] {
  const own = gatewaysOf(cluster, service);
  const told = calls.flatMap((call) => textOf(call, own).map((text) => ({ text, called: calledText(call) })));
  return [...Map.groupBy(told, ({ text }) => text)].map(([text, same]) => ({
    object: objectIn(cluster, service),
    field: 'status.loadBalancer.ingress',
    what: `${text} (calls to ${[...new Set(same.map(({ called }) => called))].sort().join(', ')}).`,
    change: oneEastWestGateway.change,
  }));
}

/** Nothing where callers have more than one host in that network, none, or eject nobody. */
function textOf(call: Call, own: readonly NetworkGateway[]): string[] {
  const { outlier } = call.settings;
  const [from] = call.caller.pods;
  if (outlier === undefined || from === undefined) return [];
  const hosts = hostsOf(call, from);
  const far = hosts.filter(({ endpoint }) =>
    own.some(({ network }) => endpoint.isGateway && endpoint.network === network),
  );
  const [only] = far;
  if (only === undefined || far.length > 1 || only.pods.length < 2) return [];
  if (!own.some(({ address }) => address === only.endpoint.address) || isName(only.endpoint.address)) return [];
  const places = placesOf(only.pods).join(', ');
  const what = `The pods of network ${only.endpoint.network} (${places}) are one host for callers of ${from.cluster}, ${only.endpoint.address}`;
  return [`${what}: ${ejectionText(outlier, hosts.length)}`];
}

/** A name may stand for several addresses: istiod resolves it. */
function isName(address: string): boolean {
  return !/^(\d+\.){3}\d+:\d+$|^\[?[0-9a-f:]+\]?:\d+$/i.test(address);
}

function ejectionText(
  { rules, baseEjectionMs, maxEjectionPercent, alwaysEjectOneHost }: OutlierSettings,
  hosts: number,
): string {
  const most = Math.floor((Math.min(100, maxEjectionPercent) * hosts) / 100);
  if (most < 1 && !alwaysEjectOneHost) {
    return `maxEjectionPercent ${maxEjectionPercent} of ${hosts} hosts never lets it be ejected, and calls go on to a gateway that is gone`;
  }
  const { consecutive_5xx: errors, consecutive_gateway_failure: refusals } = rules;
  const enforced = [errors, refusals].filter(({ enforcing }) => enforcing > 0).map(({ threshold }) => threshold);
  const count = Math.min(...enforced);
  const trigger = Number.isFinite(count)
    ? `${count} ${count === 1 ? 'answer' : 'answers in a row'} of 5xx by any of them`
    : 'a failed connection';
  const last =
    most >= hosts
      ? 'even when nobody else is left'
      : `while no more than ${most} of the ${hosts} hosts are ejected (maxEjectionPercent ${maxEjectionPercent})`;
  return `${trigger} takes them all out for ${baseEjectionMs / 1000} s or more, ${last}`;
}
