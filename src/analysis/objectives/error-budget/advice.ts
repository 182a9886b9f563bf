import { servicesOf } from '../../../model/good.ts';
import { fastestRate, rateOfAll } from '../../../model/rates.ts';
import type { ErrorBudget, Scenario } from '../../../model/scenario.ts';
import { formatDuration, type Millis } from '../../../model/units.ts';
import type { Warn } from '../../../schema/clause.ts';

/** How long a call that fails usually takes in a real mesh; until the first one is over, nobody knows of the failure. */
const FAILING_CALL: Millis = 50;

/** Warns of a budget that nobody could count, or that requests already under way use up before any mesh could react. */
export function adviseBudget(budget: ErrorBudget, { load }: Scenario, warn: Warn): void {
  const { hop } = load.chain;
  const isBlind = servicesOf(load).length === 0 || !(hop.includes('{ip}') || hop.includes('{pod}'));
  if (budget.perCaller !== undefined && isBlind) {
    const message = 'callers are told apart by the {ip} or {pod} of their hop, and the answers carry none';
    warn(['expect', 'errorBudget', 'perCaller'], message);
  }
  const check = (field: 'perCaller' | 'perPath', who: string, rate: number): void => {
    const allowed = budget[field];
    // No error at all is a promise of its own: that one hides failures from its callers, by retries.
    if (allowed === undefined || allowed === 0 || (rate * FAILING_CALL) / 1000 <= allowed) return;
    const step = formatDuration(Math.floor(1000 / rate));
    const message = `${who} gets a request every ${step}, so more than ${allowed} can be under way while the first one fails (about ${FAILING_CALL}ms), before the mesh can react`;
    const slower = Math.floor((allowed * 1000) / FAILING_CALL / (rate / load.ratePerSecond));
    const more = Math.ceil((rate * FAILING_CALL) / 1000);
    warn(['expect', 'errorBudget', field], message, `use \`${field}: ${more}\`, or at most \`rate: ${slower}/s\``);
  };
  // One proxy of a zone calls for every request that enters there.
  check('perCaller', 'a caller', rateOfAll(load));
  check('perPath', 'a path', fastestRate(load));
}
