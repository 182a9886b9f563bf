import type { Signature } from '../../model/history.ts';
import { isFor } from '../../model/host-route.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import { serviceSpelled } from '../../model/service-host.ts';
import type { Toll } from '../../model/toll.ts';
import { parseDuration } from '../../model/units.ts';
import { meshRoutes } from './mesh-reach.ts';

type Match = Readonly<Record<string, unknown>>;
type Share = { readonly percentage?: { readonly value?: number } };
type Rule = {
  readonly match?: readonly Match[];
  readonly matches?: readonly Match[];
  readonly directResponse?: object;
  readonly fault?: { readonly abort?: Share; readonly delay?: Share & { readonly fixedDelay?: string } };
};
type Rules = Readonly<Partial<Record<'http' | 'tls' | 'tcp' | 'rules', readonly Rule[]>>>;

/** By these a rule is for some of the requests, or of the callers; which part that is, nobody can tell. */
const CHOOSING = ['headers', 'withoutHeaders', 'queryParams', 'sourceLabels', 'sourceNamespace', 'sourceSubnet'];

/**
 * What routes of an object take from the Services that they are for, of the callers in these clusters: all where its effect is that something
 * stops, else what it says itself of errors and delays.
 */
export function routeTolls(object: KubeObject, effect: Signature, clusters: readonly string[]): Toll[] {
  const { http = [], tls = [], tcp = [], rules = [] } = (object.spec ?? {}) as Rules;
  const all = [...http, ...tls, ...tcp, ...rules];
  const unchosen = all.filter(isForAll);
  const whole: Much[] = all.length > 0 && unchosen.length === 0 ? [] : [{ share: 1 }];
  const much = effect === 'degrades' ? unchosen.flatMap(saidBy) : whole;
  return meshRoutes(object).flatMap(({ host, namespace }) => {
    const by = { kind: 'callers', clusters, namespace } as const;
    const service = serviceSpelled(host);
    if (service !== undefined) return much.map((one) => ({ ...one, to: { kind: 'service', service }, by }));
    return isFor(host, ANY_SERVICE) ? much.map((one) => ({ ...one, by })) : [];
  });
}

type Much = Pick<Toll, 'share' | 'afterMs'>;

/** A host that only patterns for all Services are for. */
const ANY_SERVICE = '.svc.cluster.local';

function isForAll({ match, matches }: Rule): boolean {
  const either = match ?? matches ?? [];
  return either.length === 0 || either.some((one) => CHOOSING.every((key) => Object.keys(one[key] ?? {}).length === 0));
}

function saidBy({ directResponse, fault: { abort, delay } = {} }: Rule): Much[] {
  return [
    ...(directResponse === undefined ? [] : [{ share: 1 }]),
    ...(abort === undefined ? [] : [{ share: shareOf(abort) }]),
    ...(delay === undefined ? [] : [{ share: shareOf(delay), afterMs: parseDuration(delay.fixedDelay ?? '') ?? 0 }]),
  ];
}

/** Of all where it does not say: of none by the Istio of today (`route.go` TranslateFault), and a limit is counted with the most. */
function shareOf({ percentage }: Share): number {
  return (percentage?.value ?? 100) / 100;
}
