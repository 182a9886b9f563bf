import { callersText } from './callers.ts';
import type { Severity } from './finding.ts';
import type { Call } from './system.ts';

/** A call of a Service that is none of the mesh for its callers. */
type Hidden = {
  readonly call: Call;
  /** `sidecars of mocka in default do not see default/mockb` */
  readonly text: string;
  readonly severity: Severity;
};

/**
 * The calls that are known to be made of what the callers do not see; and of each Service that somebody has configured, one
 * call where no sidecar of a cluster sees it, and nobody is known to call it: whoever calls it, does not see it.
 */
export function hiddenCalls(calls: readonly Call[], isSeen: (call: Call) => boolean): Hidden[] {
  const known = calls.filter((call) => call.sureness === 'known' && !isSeen(call));
  return [
    ...known.map((call) => {
      const text = `${callersText(call.caller)} do not see ${call.service}`;
      return { call, text, severity: 'error' as const };
    }),
    ...hiddenFromAll(calls, isSeen).map((call) => {
      const text = `No sidecar in ${call.caller.live.name} sees ${call.service}`;
      return { call, text, severity: 'warning' as const };
    }),
  ];
}

function hiddenFromAll(calls: readonly Call[], isSeen: (call: Call) => boolean): Call[] {
  const groups = Map.groupBy(calls, ({ caller, service }) => `${caller.live.name} ${service}`);
  return [...groups.values()].flatMap((group) => {
    const isKnown = group.some(({ sureness, caller }) => sureness === 'known' || caller.gateway);
    const first = group.find(({ sureness }) => sureness === 'configured');
    return isKnown || first === undefined || group.some(isSeen) ? [] : [first];
  });
}
