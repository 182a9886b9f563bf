type ClusterZones = readonly { readonly name: string; readonly region: string; readonly zones: readonly string[] }[];

/** Zones that several clusters have by one name. */
export function sharedZones(clusters: ClusterZones): ReadonlySet<string> {
  const all = clusters.flatMap(({ zones }) => [...new Set(zones)]);
  return new Set(all.filter((zone, at) => all.indexOf(zone) !== at));
}

/** Names zones so that no two are called the same: with the cluster where several have one of that name, and it is known. */
export function zoneLabels(clusters: ClusterZones): (zone: string, cluster: string | undefined) => string {
  const shared = sharedZones(clusters);
  return (zone, cluster) =>
    cluster !== undefined && cluster !== '' && shared.has(zone) ? `${zone} (${cluster})` : zone;
}

/** Zone and region by such a name, and by the zone's own where it is not known which cluster is meant. */
export function zonesByLabel(
  clusters: ClusterZones,
): ReadonlyMap<string, { readonly zone: string; readonly region: string }> {
  const label = zoneLabels(clusters);
  return new Map(
    clusters.flatMap(({ name, region, zones }) =>
      zones.flatMap((zone) => [zone, label(zone, name)].map((key) => [key, { zone, region }] as const)),
    ),
  );
}
