import { type JsonObject, namespaceOf, number, object, objects, text } from '../../mesh/config-read.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import { resolveHost } from '../../model/service-host.ts';
import { type Found, type LintRule, objectIn } from '../finding.ts';
import type { LintSystem } from '../system.ts';

const OUTLIER = new Set([
  ...['splitExternalLocalOriginErrors', 'consecutiveLocalOriginFailures', 'consecutiveGatewayErrors'],
  ...['consecutive5xxErrors', 'interval', 'baseEjectionTime', 'maxEjectionPercent', 'minHealthPercent'],
]);
const LOCALITY = new Set(['distribute', 'failover', 'failoverPriority', 'enabled']);
/** As Go reads a duration. */
const DURATION = /^(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h)(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))*$/;

/** Istio: ValidateDestinationRule, validateOutlierDetection, agent.ValidateLocalityLbSetting. */
export const invalidPolicy: LintRule = {
  id: 'invalid-policy',
  severity: 'error',
  title: 'a failover setting that Istio refuses or does not know',
  why: 'Istio’s webhook refuses such a rule where it is on; where it is off, or was when the rule came, what cannot be read is left out and Envoy’s default holds: five failures, 10 s, 30 s, 10 % (Istio `validation.go` validateOutlierDetection, ValidateLocalityLbSetting).',
  change: 'Write the field as the API has it.',
  check: ({ live, chain }: LintSystem) =>
    live.clusters.flatMap(({ configuredBy, destinationRules }) =>
      destinationRules
        .filter((rule) => chain === undefined || isAbout(rule, chain.services))
        .flatMap((rule) => problemsOf(rule).map((problem) => ({ object: objectIn(configuredBy, rule), ...problem }))),
    ),
};

function isAbout(rule: KubeObject, services: ReadonlySet<string>): boolean {
  const [name, namespace] = resolveHost(text(object(rule.spec).host) ?? '', namespaceOf(rule)).split('.');
  return services.has(`${namespace}/${name}`);
}

type Problem = Omit<Found, 'object'>;

function problemsOf({ spec }: KubeObject): Problem[] {
  const policies = [
    { at: 'spec.trafficPolicy', policy: object(object(spec).trafficPolicy) },
    ...objects(object(spec).subsets).map((subset, index) => ({
      at: `spec.subsets[${index}].trafficPolicy`,
      policy: object(subset.trafficPolicy),
    })),
  ];
  const places = policies.flatMap(({ at, policy }) => [
    { at, policy },
    ...objects(policy.portLevelSettings).map((port, index) => ({
      at: `${at}.portLevelSettings[${index}]`,
      policy: port,
    })),
  ]);
  return places.flatMap(({ at, policy }) => [
    ...outlierProblems(object(policy.outlierDetection), `${at}.outlierDetection`),
    ...localityProblems(object(object(policy.loadBalancer).localityLbSetting), `${at}.loadBalancer.localityLbSetting`),
  ]);
}

function outlierProblems(block: JsonObject, at: string): Problem[] {
  const split = block.splitExternalLocalOriginErrors === true;
  const durations = ['interval', 'baseEjectionTime'].filter((field) => {
    const value = text(block[field]);
    return value !== undefined && !DURATION.test(value);
  });
  const percents = ['maxEjectionPercent', 'minHealthPercent'].filter((field) => (number(block[field]) ?? 0) > 100);
  return [
    ...unknownFields(block, OUTLIER, at),
    ...durations.map((field) =>
      refused(`${at}.${field}`, `${text(block[field])} is no duration`, 'Write it as 30s or 5m.'),
    ),
    ...percents.map((field) =>
      refused(`${at}.${field}`, `${number(block[field])} is more than 100 %`, 'Write at most 100.'),
    ),
    ...(!split && (number(block.consecutiveLocalOriginFailures) ?? 0) > 0
      ? [
          refused(
            `${at}.consecutiveLocalOriginFailures`,
            'it counts only with splitExternalLocalOriginErrors',
            'Set splitExternalLocalOriginErrors: true.',
          ),
        ]
      : []),
  ];
}

function localityProblems(block: JsonObject, at: string): Problem[] {
  const both = objects(block.distribute).length > 0 && objects(block.failover).length > 0;
  const sums = objects(block.distribute).map(({ to }) =>
    Object.values(object(to)).reduce<number>((sum, weight) => sum + (number(weight) ?? 0), 0),
  );
  const selves = objects(block.failover).filter(({ from, to }) => from === to);
  return [
    ...unknownFields(block, LOCALITY, at),
    ...(both
      ? [refused(`${at}.distribute`, 'it stands beside failover, which then is not used', 'Keep one of the two.')]
      : []),
    ...sums
      .filter((sum) => sum !== 100)
      .map((sum) => refused(`${at}.distribute`, `its weights add up to ${sum}`, 'Let each `to` add up to 100.')),
    ...selves.map(({ from }) =>
      refused(`${at}.failover`, `from and to are both ${text(from)}`, 'Name another region in `to`.'),
    ),
  ];
}

function unknownFields(block: JsonObject, known: ReadonlySet<string>, at: string): Problem[] {
  return Object.keys(block)
    .filter((field) => !known.has(field))
    .map((field) => ({
      field: `${at}.${field}`,
      what: `${field} is no field of Istio’s any more, or never was: it does nothing.`,
      change: field === 'consecutiveErrors' ? 'Write consecutive5xxErrors.' : `Mend the name, or remove ${field}.`,
      severity: 'warning' as const,
    }));
}

function refused(field: string, what: string, change: string): Problem {
  return { field, what: `Istio refuses this: ${what}.`, change };
}
