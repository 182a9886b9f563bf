import type { ZonePods } from '../../model/fault-move.ts';
import type { LivePod } from '../../predict/live-system.ts';
import type { Found, LintRule } from '../finding.ts';
import { calledText, grouped, ruleOrService, whoText } from '../grouped.ts';
import { nearestOf } from '../ladder.ts';
import { policyField } from '../policy-field.ts';
import type { Call, LintSystem } from '../system.ts';

type Silence = ZonePods & { readonly fault: string };

/** Envoy: conn_pool_base.cc; measured on the lab: tight-rto recovered after 9.4 to 10.9 s. */
export const connectTimeout: LintRule = {
  id: 'connect-timeout',
  severity: 'error',
  title: 'a silent host is noticed later than the scenario promises to recover',
  why: 'A host whose packets vanish answers nothing: it is ejected when the first connection to it has timed out, after connectTimeout (10 s where neither DestinationRule nor MeshConfig sets it); calls on kept connections hang until their own timeout (Envoy `conn_pool_base.cc`, Istio MeshConfig connectTimeout).',
  change: 'Set connectionPool.tcp.connectTimeout well below recoveryTime.within.',
  check: (system) => {
    const within = system.scenario?.expect.recoveryTime?.withinMs;
    if (within === undefined) return [];
    return (system.scenario?.faults ?? []).flatMap(({ name, move }) =>
      move.kind === 'untold' && move.silenced ? foundIn(system, { ...move.silenced, fault: name }, within) : [],
    );
  },
};

function foundIn({ calls }: LintSystem, silence: Silence, withinMs: number): Found[] {
  const late = calls.filter(
    (call) => call.sureness === 'known' && call.settings.connectTimeoutMs >= withinMs && meets(call, silence),
  );
  return grouped(late).map((group) => {
    const [call] = group;
    const seconds = call.settings.connectTimeoutMs / 1000;
    return {
      object: ruleOrService(call),
      field: `${policyField(call, 'connectionPool')}.tcp.connectTimeout`,
      what: `${silence.fault} makes hosts of ${calledText(call)} fall silent; ${whoText(group)} wait ${seconds} s for a connection, and recoveryTime.within is ${withinMs / 1000} s.`,
      change: 'connectionPool: {tcp: {connectTimeout: 1s}}',
    };
  });
}

/** Whether a caller that the fault spares first calls a host that it silences. */
function meets(call: Call, silence: Silence): boolean {
  return call.caller.pods.some(
    (pod) => !isSilenced(pod, silence) && nearestOf(call, pod).some((host) => isSilenced(host, silence)),
  );
}

function isSilenced({ cluster, namespace, locality }: LivePod, silence: Silence): boolean {
  const { zone, namespaces } = silence;
  return cluster === silence.cluster && locality.zone === zone && namespaces.includes(namespace);
}
