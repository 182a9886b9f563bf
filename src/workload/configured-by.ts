/** What a cluster shows of who configures its proxies. */
export type ControlPlaneSigns = {
  readonly name: string;
  /** Pods of an istiod are there; a managed one is nowhere to be seen. */
  readonly hasIstiod: boolean;
  /** By which Istio knows the cluster, as far as its istiod tells. */
  readonly ids: readonly string[];
  /** The ids of the clusters whose istiods it lets in (`CONTROLLED_BY`); undefined where it says nothing. */
  readonly allowed: string | undefined;
};

/** Any cluster, in the annotation that says whose istiod is let in. */
const ANY = '*';

/**
 * Which of these clusters may be the one whose istiod serves the proxies of a cluster: those that it names, or else those with an istiod
 * that may have the id that it names. Undefined where it has its own, or says nothing, as with a managed one; none where it names
 * somebody else.
 */
export function servingOf(
  { name, hasIstiod, allowed }: ControlPlaneSigns,
  clusters: readonly ControlPlaneSigns[],
): readonly string[] | undefined {
  if (hasIstiod || allowed === undefined) return undefined;
  const wanted = idsIn(allowed);
  const others = clusters.filter((one) => one.name !== name);
  const named = others.filter((one) => [one.name, ...one.ids].some((id) => wanted.includes(id)));
  const able = others.filter((one) => one.hasIstiod && (one.ids.length === 0 || wanted.includes(ANY)));
  return (named.length > 0 ? named : able).map((one) => one.name);
}

/** The clusters without an istiod that let one in which this one lets in as well: one outside of all of them may serve them all. */
export function servedWith(
  { name, allowed = '' }: ControlPlaneSigns,
  clusters: readonly ControlPlaneSigns[],
): readonly string[] {
  const wanted = idsIn(allowed);
  const isAlike = (one: ControlPlaneSigns) =>
    one.name !== name && !one.hasIstiod && idsIn(one.allowed ?? '').some((id) => wanted.includes(id));
  return clusters.filter(isAlike).map((one) => one.name);
}

function idsIn(allowed: string): string[] {
  return allowed
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');
}
