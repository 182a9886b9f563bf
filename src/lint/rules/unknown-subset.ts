import type { LintRule } from '../finding.ts';
import { grouped, whoText } from '../grouped.ts';
import { routeOrService, shareText } from '../route-object.ts';
import { severityOf } from '../severity.ts';

/** Istio: cluster_builder.go makes clusters of the subsets that the winning DestinationRule names, and of no others. */
export const unknownSubset: LintRule = {
  id: 'unknown-subset',
  severity: 'error',
  title: 'a route names a subset that the DestinationRule in force does not have',
  why: 'Istio makes one cluster of each subset of the DestinationRule that holds for the caller; a route to any other is answered 503 without a host (Istio `cluster_builder.go`, Envoy response flag NC).',
  change: 'Name the subset in the DestinationRule that holds for these callers, or route to one that it has.',
  check: ({ calls }) => {
    const lost = calls.filter(
      ({ subset, rule }) => subset !== undefined && !rule?.subsets.some(({ name }) => name === subset),
    );
    return grouped(lost).map((group) => {
      const [call] = group;
      const share = shareText(call);
      const [part, answered] =
        share === undefined ? ['', 'every call is'] : [`${share} of the requests of `, 'they are'];
      return {
        ...routeOrService(call),
        what: `The route sends ${part}${whoText(group)} to subset ${call.subset} of ${call.service}, which no DestinationRule in force has: ${answered} answered 503.`,
        change: `Add subset ${call.subset} to the DestinationRule for ${call.host} that these callers get.`,
        severity: severityOf(group),
      };
    });
  },
};
