/**
 * The version of something that every cluster has, for records: the one that all have, or each one's after the name of its
 * cluster, in the order of clusters. Undefined where none is known.
 */
export function versionsOfClusters(known: Iterable<readonly [cluster: string, version: string]>): string | undefined {
  const all = [...known];
  const differ = new Set(all.map(([, version]) => version)).size > 1;
  return differ ? all.map((one) => one.join(' ')).join(', ') : all[0]?.[1];
}
