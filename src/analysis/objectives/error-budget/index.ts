import type { ErrorBudget } from '../../../model/scenario.ts';
import { atLeastOne, integer, mapping, quantity } from '../../../schema/builders.ts';
import { clause } from '../../../schema/clause.ts';
import { objective } from '../objective.ts';
import { adviseBudget } from './advice.ts';
import { judgeErrorBudget } from './judge.ts';

const schema = mapping(
  'Bad requests allowed from injection to the end of the undo.',
  {
    optional: {
      perCaller: integer('Most bad requests of one calling proxy.', 0, 1_000_000_000, 1),
      perPath: integer('Most bad requests of one path.', 0, 1_000_000_000, 3),
      ratio: quantity('atMost', 'Largest share of bad requests over all paths.', { example: '<= 1%' }),
    },
  },
  atLeastOne('perCaller', 'perPath', 'ratio'),
);

/** Did the fault cost more bad requests than promised? */
export const errorBudget = objective({
  name: 'errorBudget',
  title: 'Error budget',
  counts: 'request',
  fromRequests: true,
  clause: clause({ schema, read: (written): ErrorBudget | undefined => written, advise: adviseBudget }),
  judge: (run, budget, shared) => judgeErrorBudget(run, budget, shared.spending()),
});
