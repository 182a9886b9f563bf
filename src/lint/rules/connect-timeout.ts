import type { FaultSpec } from '../../model/scenario.ts';
import type { LivePod } from '../../predict/live-system.ts';
import type { Found, LintRule } from '../finding.ts';
import { calledText, grouped, ruleOrService, whoText } from '../grouped.ts';
import { ladderOf } from '../ladder.ts';
import { policyField } from '../policy-field.ts';
import type { Call, LintSystem } from '../system.ts';

const SILENT = new Set(['zoneBlackhole', 'zoneNetworkPolicy']);

/** Envoy: conn_pool_base.cc; measured on the lab: tight-rto recovered after 9.4 to 10.9 s. */
export const connectTimeout: LintRule = {
  id: 'connect-timeout',
  severity: 'error',
  title: 'a silent host is noticed later than the scenario promises to recover',
  why: 'A host whose packets vanish answers nothing: it is ejected when the first connection to it has timed out, after connectTimeout (10 s where neither DestinationRule nor MeshConfig sets it); calls on kept connections hang until their own timeout (Envoy `conn_pool_base.cc`, Istio MeshConfig connectTimeout).',
  change: 'Set connectionPool.tcp.connectTimeout well below recoveryTime.within.',
  check: (system) => {
    const within = system.scenario?.expect.recoveryTime?.withinMs;
    const faults = (system.scenario?.faults ?? []).filter(({ kind }) => SILENT.has(kind));
    if (within === undefined) return [];
    return faults.flatMap((fault) => foundIn(system, fault, within));
  },
};

function foundIn({ calls }: LintSystem, fault: FaultSpec, withinMs: number): Found[] {
  const late = calls.filter(
    (call) => call.sureness === 'known' && call.settings.connectTimeoutMs >= withinMs && meets(call, fault),
  );
  return grouped(late).map((group) => {
    const [call] = group;
    const seconds = call.settings.connectTimeoutMs / 1000;
    return {
      object: ruleOrService(call),
      field: `${policyField(call, 'connectionPool')}.tcp.connectTimeout`,
      what: `${fault.name} makes hosts of ${calledText(call)} fall silent; ${whoText(group)} wait ${seconds} s for a connection, and recoveryTime.within is ${withinMs / 1000} s.`,
      change: 'connectionPool: {tcp: {connectTimeout: 1s}}',
    };
  });
}

/** Whether a caller that the fault spares first calls a host that it silences. */
function meets(call: Call, fault: FaultSpec): boolean {
  return call.caller.pods.some(
    (pod) => !isSilenced(pod, fault) && (ladderOf(call, pod)[0] ?? []).some((host) => isSilenced(host, fault)),
  );
}

function isSilenced({ cluster, namespace, locality }: LivePod, { spec }: FaultSpec): boolean {
  const named = [spec.namespaces ?? spec.namespace ?? []].flat();
  return cluster === spec.cluster && locality.zone === spec.zone && named.includes(namespace);
}
