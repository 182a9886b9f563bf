import { fastestRate, rateOfAll } from '../../model/rates.ts';
import type { Scenario } from '../../model/scenario.ts';
import { hasOnlyReplaced, meetsReplaced } from '../faulted.ts';
import type { LintRule } from '../finding.ts';
import { calledText, grouped, ruleOrService, whoText } from '../grouped.ts';
import { retriesAnswers, retriesOf } from '../retry-policy.ts';
import type { Call, LintSystem } from '../system.ts';

/** Envoy: cluster_manager_impl.cc scheduleUpdate; measured on the lab: 26 of 25/s x 1 s in 16 of 19 swaps. */
export const mergeWindow: LintRule = {
  id: 'merge-window',
  severity: 'info',
  title: 'what the merge window may cost at the rate of the scenario',
  why: 'A health change within a second of another update of the same priority reaches Envoy’s workers only when update_merge_window (1 s) is over, and a rollout is such an update: until then every call to the ejected host fails (Envoy `cluster_manager_impl.cc` scheduleUpdate; so it was in 16 of 19 swaps on the lab, and in 3 the end of the old pod ended the wait).',
  change:
    'Allow rate x 2 s errors, or set update_merge_window: 0s by an EnvoyFilter (scenarios/manifests/eject-at-once.yaml).',
  ofChoice: true,
  check: (system) => {
    const calls = system.calls.filter((call) => {
      const { outlier, mergeWindowMs } = call.settings;
      return call.sureness !== 'possible' && outlier !== undefined && mergeWindowMs > 0 && meetsReplaced(system, call);
    });
    const seen = calls.filter((call) => !isHidden(system, call));
    const { scenario } = system;
    if (scenario === undefined) return [];
    return grouped(seen).map((group) => {
      const [call] = group;
      const windowMs = call.settings.mergeWindowMs;
      const rate = rateOfAll(scenario.load);
      const cost = Math.ceil((rate * windowMs) / 1000);
      const broken = brokenPromises(scenario, windowMs);
      const cluster = call.caller.live.name;
      const what = `Each ejection of ${calledText(call)} may cost ${whoText(group)} ${cost} errors: ${rate}/s for ${windowMs / 1000} s.`;
      if (broken.length === 0) {
        const field = 'common_lb_config.update_merge_window of its Envoy cluster';
        const change = 'None, where that many are meant to be allowed.';
        return { object: ruleOrService(call), field, what, change };
      }
      return {
        object: { cluster, kind: 'Scenario', namespace: '', name: scenario.name },
        field: broken.map(({ field }) => field).join(', '),
        what: `${what} ${broken.map(({ text }) => text).join(' ')}`,
        change: 'Allow more, send less, or apply scenarios/manifests/eject-at-once.yaml in every cluster.',
      };
    });
  },
};

/** A retry redraws among the hosts of its priority: it hides nothing where all of them fail, unless it goes to the next one. */
function isHidden(system: LintSystem, call: Call): boolean {
  const policy = retriesOf(call);
  return retriesAnswers(policy) && (policy.remoteLocalities || !hasOnlyReplaced(system, call));
}

type Broken = { readonly field: string; readonly text: string };

function brokenPromises({ load, expect }: Scenario, windowMs: number): Broken[] {
  const { errorBudget = {}, recoveryTime } = expect;
  const rates = { perCaller: rateOfAll(load), perPath: fastestRate(load) };
  const budgets = (['perCaller', 'perPath'] as const).flatMap((field) => {
    const budget = errorBudget[field];
    if (budget === undefined || budget >= (rates[field] * windowMs) / 1000) return [];
    return [{ field: `spec.expect.errorBudget.${field}`, text: `${field} is ${budget}.` }];
  });
  if (recoveryTime === undefined || recoveryTime.withinMs >= windowMs) return budgets;
  const text = `recoveryTime.within is ${recoveryTime.withinMs / 1000} s.`;
  return [...budgets, { field: 'spec.expect.recoveryTime.within', text }];
}
