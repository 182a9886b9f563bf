import type { Millis } from '../../../model/units.ts';
import { formatDuration } from '../../../model/units.ts';
import { mapping, quantity } from '../../../schema/builders.ts';
import { clause } from '../../../schema/clause.ts';
import { objective } from '../objective.ts';
import { judgeFailback } from './judge.ts';

const schema = mapping('The way home after the fault.', {
  required: {
    within: quantity('duration', 'Longest time from the undo until callers are served at home again.', {
      min: '1ms',
      max: '6h',
      example: '40s',
    }),
  },
});

/** Did every caller that had moved come home after the undo? */
export const failback = objective({
  name: 'failback',
  title: 'Failback',
  counts: 'call',
  clause: clause({
    schema,
    read: (written): { readonly withinMs: Millis } | undefined => written && { withinMs: written.within },
    advise: ({ withinMs }, scenario, warn) => {
      if (scenario.phases.recoverMs >= withinMs) return;
      const home = formatDuration(withinMs);
      warn(['phases', 'recover'], `recover ends before failback.within (${home}) is over`, `use at least \`${home}\``);
    },
  }),
  judge: (run, { withinMs }) => judgeFailback(run, withinMs),
});
