import { type ControlPlaneSigns, servingOf } from '../workload/configured-by.ts';

/** Who configures the proxies of clusters that have no istiod, by their names, and what is left to find out, in words. */
type Configuring = { readonly by: ReadonlyMap<string, string>; readonly notes: readonly string[] };

/**
 * Finds for each cluster that lets the istiod of another one in, and has none, which of these that is. A cluster that says nothing has
 * its own, or a managed one.
 */
export function configuring(clusters: readonly ControlPlaneSigns[]): Configuring {
  const by = new Map<string, string>();
  const notes: string[] = [];
  for (const one of clusters) {
    const serving = servingOf(one, clusters);
    if (serving === undefined) continue;
    const [found, ...others] = serving;
    if (found !== undefined && others.length === 0) by.set(one.name, found);
    else
      notes.push(
        `${one.name}: no istiod is seen, and it lets that of ${one.allowed} in: write whose it is (configuredBy).`,
      );
  }
  return { by, notes };
}
