import type { AlertObjective } from '../../../model/alert.ts';
import { formatDuration, type Millis } from '../../../model/units.ts';
import { atLeastOne, mapping, oneOrMore, quantity, record, text, yesNo } from '../../../schema/builders.ts';
import { clause } from '../../../schema/clause.ts';
import { asList, several } from '../../../schema/one-or-more.ts';
import { objective } from '../objective.ts';
import { calledOf, judgeAlerts, NAME, POLLED_MS } from './judge.ts';

const within = (description: string, example: string) =>
  quantity('duration', description, { min: '1s', max: '6h', example });

/** Labels of the series ALERTS that no alert has of its rule (Prometheus: alerting rules, "Inspecting alerts during runtime"). */
const OWN_LABELS = ['__name__', 'alertname', 'alertstate'];

const schema = oneOrMore(
  'Alerts of Prometheus that must tell of the fault. Needs spec.prometheus in the targets file.',
  mapping(
    'One alert.',
    {
      required: { rule: text('Its name, as the label alertname has it.', { examples: ['HostLevelCircuitBreaking'] }) },
      optional: {
        labels: record('Labels that it must have, values compared as a whole.', text('A value.'), {
          pattern: '^[a-zA-Z_][a-zA-Z0-9_]*$',
        }),
        firesWithin: within("Longest time from the fault's effect until it fires.", '30s'),
        resolvesWithin: within('Longest time from the end of the undo until it fires no more.', '60s'),
        onlyThese: yesNo('Whether no other alert may begin to fire from the effect of the fault on. Default: false.'),
      },
    },
    atLeastOne('firesWithin', 'resolvesWithin'),
  ),
);

/** Did the alerts tell of the fault, and only those? */
export const alert = objective({
  name: NAME,
  title: 'Alerts',
  counts: 'alert',
  clause: clause({
    schema,
    check: (draft, problems) => {
      const written = several(draft, []).map(({ value: { rule, labels = {} }, path }) => ({
        key: rule === undefined ? undefined : calledOf({ rule, labels }),
        path: [...path, 'rule'],
      }));
      problems.distinct('the alert', written);
      for (const { value, path } of several(draft, [])) {
        for (const name of Object.keys(value.labels ?? {}).filter((one) => OWN_LABELS.includes(one))) {
          const hint =
            name === 'alertname'
              ? 'the name of the alert is `rule`'
              : 'it is asked for what is firing, and nothing else';
          problems.error('FIELD_VALUE', [...path, 'labels', name], `the label ${name} is Prometheus's own`, hint);
        }
      }
    },
    read: (written): readonly AlertObjective[] | undefined =>
      written === undefined
        ? undefined
        : asList(written).map(({ rule, labels = {}, firesWithin, resolvesWithin, onlyThese = false }) => ({
            rule,
            labels,
            onlyThese,
            ...(firesWithin === undefined ? {} : { firesWithinMs: firesWithin }),
            ...(resolvesWithin === undefined ? {} : { resolvesWithinMs: resolvesWithin }),
          })),
    advise: (alerts, { phases }, warn) => {
      const longest = (times: readonly (Millis | undefined)[]) => Math.max(0, ...times.map((time) => time ?? 0));
      const late = (phase: 'hold' | 'recover', field: string, ms: Millis) => {
        if (ms === 0 || phases[`${phase}Ms`] >= ms + POLLED_MS) return;
        const [time, least] = [formatDuration(ms), formatDuration(ms + POLLED_MS)];
        warn(
          ['phases', phase],
          `${phase} ends before alert.${field} (${time}) is over, and what came last is told`,
          `use at least \`${least}\``,
        );
      };
      late('hold', 'firesWithin', longest(alerts.map(({ firesWithinMs }) => firesWithinMs)));
      late('recover', 'resolvesWithin', longest(alerts.map(({ resolvesWithinMs }) => resolvesWithinMs)));
    },
  }),
  judge: judgeAlerts,
});
