/** What a cluster shows of who configures its proxies. */
export type ControlPlaneSigns = {
  readonly name: string;
  /** Pods of an istiod are there; a managed one is nowhere to be seen. */
  readonly hasIstiod: boolean;
  /** The ids of the clusters whose istiods it lets in (`CONTROLLED_BY`); undefined where it says nothing. */
  readonly allowed: string | undefined;
};

/** Who configures the proxies of clusters that have no istiod, by their names, and what is left to find out, in words. */
type Configuring = { readonly by: ReadonlyMap<string, string>; readonly notes: readonly string[] };

/**
 * Finds for each cluster that lets the istiod of another one in, and has none, which of these that is: the one that it names, or else
 * the only one with an istiod. A cluster that says nothing has its own, or a managed one.
 */
export function configuring(clusters: readonly ControlPlaneSigns[]): Configuring {
  const by = new Map<string, string>();
  const notes: string[] = [];
  const primaries = clusters.filter(({ hasIstiod }) => hasIstiod).map(({ name }) => name);
  for (const { name, hasIstiod, allowed } of clusters) {
    if (hasIstiod || allowed === undefined) continue;
    const ids = allowed.split(',').map((id) => id.trim());
    const named = clusters.filter((other) => other.name !== name && ids.includes(other.name));
    const [found, ...others] = named.length > 0 ? named.map((one) => one.name) : primaries;
    if (found !== undefined && others.length === 0) by.set(name, found);
    else notes.push(`${name}: no istiod is seen, and it lets that of ${allowed} in: write whose it is (configuredBy).`);
  }
  return { by, notes };
}
