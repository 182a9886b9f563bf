import { compileChain } from '../load/chain.ts';
import type { Hop } from '../model/record.ts';
import type { ChainPattern } from '../model/scenario.ts';
import type { LivePod } from '../predict/live-system.ts';
import { type Answer, textAt, textsOf } from './answer-texts.ts';
import { hopTemplates } from './hop-templates.ts';

/** How answers tell who gave them: where, and which Services, `namespace/name` in the order of the answer. */
export type Told = {
  readonly pattern: Pick<ChainPattern, 'from' | 'hop' | 'anywhere'>;
  readonly services: readonly string[];
};

/**
 * What answers to one request say of the pods, addresses or zones that served it; undefined where they say nothing that is
 * known of the mesh, or where not all of them say it in the same way. The longest chain with `wanted` in it is taken; a
 * zone alone is of `entry`, the Service that the gateways lead to.
 */
export function recognise(
  answers: readonly Answer[],
  pods: readonly LivePod[],
  { entry, wanted }: { readonly entry: string | undefined; readonly wanted: string },
): Told | undefined {
  const [first] = answers;
  if (first === undefined) return undefined;
  const found = textsOf(first)
    .flatMap(({ from, text }) =>
      hopTemplates(text, pods, from.kind === 'body').map((template) => ({ from, ...template })),
    )
    .flatMap((pattern) => {
      const services = servicesTold(pattern, answers, pods, entry, wanted);
      return services === undefined ? [] : [{ pattern, services }];
    });
  const rank = ({ pattern: { hop, from }, services }: Told): number =>
    services.length * 10 + (/\{(?:pod|ip)\}/.test(hop) ? 5 : 0) + (from.kind === 'body' ? 0 : 1);
  return found.filter(({ services }) => services.includes(wanted)).toSorted((a, b) => rank(b) - rank(a))[0];
}

/** The Services that every answer names by a pattern, the same each time; undefined where one does not. */
function servicesTold(
  pattern: Told['pattern'],
  answers: readonly Answer[],
  pods: readonly LivePod[],
  entry: string | undefined,
  wanted: string,
): readonly string[] | undefined {
  const parse = compileChain(pattern);
  const chains = answers.map((answer) => {
    const text = textAt(answer, pattern.from);
    const { hops, rest } = text === undefined ? { hops: [], rest: '' } : parse(text);
    if (hops.length === 0 || rest !== '') return undefined;
    const services = hops.map((hop) => serviceOf(hop, pods, entry, wanted));
    return services.includes(undefined) ? undefined : services.filter((service) => service !== undefined);
  });
  const [own] = chains;
  if (own === undefined || new Set(own).size !== own.length) return undefined;
  return chains.every((chain) => chain?.join() === own.join()) ? own : undefined;
}

function serviceOf(
  { service, zone, ip, pod }: Hop,
  pods: readonly LivePod[],
  entry: string | undefined,
  wanted: string,
): string | undefined {
  const isIt = (one: LivePod): boolean =>
    (pod === undefined || one.name === pod) &&
    (ip === '' || one.ip === ip) &&
    (zone === '' || one.locality.zone === zone);
  const own = [...new Set(pods.filter(isIt).flatMap((one) => one.services.map((membership) => membership.service)))];
  if (service !== '')
    return one(
      own.filter((name) => name.endsWith(`/${service}`)),
      wanted,
    );
  if (pod === undefined && ip === '') return own.includes(entry ?? '') ? entry : undefined;
  return one(own, entry === undefined || !own.includes(entry) ? wanted : entry);
}

/** The preferred one of several, or the only one. */
function one(names: readonly string[], preferred: string): string | undefined {
  return names.includes(preferred) ? preferred : names.length === 1 ? names[0] : undefined;
}
