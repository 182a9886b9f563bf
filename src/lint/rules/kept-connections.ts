import { callersText } from '../callers.ts';
import type { LintRule } from '../finding.ts';
import type { CallerGroup } from '../system.ts';
import { zonesText } from '../whereabouts.ts';

/** A connection through a layer-4 balancer belongs to one gateway pod as long as it lives. */
export const keptConnections: LintRule = {
  id: 'kept-connections',
  severity: 'info',
  title: 'kept connections stay at one of several gateway pods of a zone',
  why: 'A balancer of layer 4 chooses once for each connection: requests on kept connections meet the ejections of the few gateway proxies that they were opened to, and every proxy ejects for itself (Envoy outlier detection is kept for each proxy and cluster).',
  change: 'Send with connections: fresh, or expect one failure for each gateway pod.',
  check: ({ scenario, entries }) => {
    if (scenario?.load.connections !== 'kept') return [];
    const callers = [...new Set(entries.map(({ caller }) => caller))];
    return callers.flatMap((caller) => {
      const crowded = crowdedZones(caller);
      const [zone] = crowded;
      const [pod] = caller.pods.filter(({ locality }) => locality.zone === zone);
      if (zone === undefined || pod === undefined) return [];
      return {
        object: { cluster: caller.live.name, kind: 'Pod', namespace: pod.namespace, name: pod.name },
        field: 'spec.load.connections of the scenario',
        what: `${zonesText(crowded)} has several of the ${callersText(caller)}; kept connections reach those that they were opened to.`,
        change: 'load: {connections: fresh}, or allow one error for each gateway pod.',
      };
    });
  },
};

function crowdedZones({ pods }: CallerGroup): string[] {
  const zones = Map.groupBy(pods, ({ locality }) => locality.zone);
  return [...zones].filter(([, own]) => own.length > 1).map(([zone]) => zone);
}
