import { formatDuration } from '../model/units.ts';
import { adviseBudget } from './budget-advice.ts';
import { spanAt } from './checks.ts';
import { type Problems, warning } from './problems.ts';
import type { ScenarioDocument } from './scenario-schema.ts';
import type { TreeNode } from './yaml-tree.ts';

type Spec = ScenarioDocument['spec'];

/** How many steps of the load a promised time must have, or the measured interval may straddle it. */
const LEAST_STEPS = 4;

/** Warns of clauses that the load or the phases are too coarse, too short or too blind to decide. */
export function adviseScenario({ spec }: ScenarioDocument, root: TreeNode, problems: Problems): void {
  const warn = (path: readonly string[], message: string, hint?: string): void =>
    warning(problems, 'FIELD_VALUE', spanAt(root, ['spec', ...path]), message, hint);
  adviseRate(spec, warn);
  advisePhases(spec, warn);
  adviseChain(spec, warn);
  adviseBudget(spec, warn);
}

type Warn = (path: readonly string[], message: string, hint?: string) => void;

function adviseRate({ load, expect }: Spec, warn: Warn): void {
  const within = expect.recoveryTime?.within;
  if (within !== undefined && (1000 / load.rate) * LEAST_STEPS > within) {
    const step = formatDuration(1000 / load.rate);
    const message = `with one request in ${step}, nobody can tell whether recoveryTime.within (${formatDuration(within)}) was kept`;
    warn(['load', 'rate'], message, `use at least \`${Math.ceil((1000 * LEAST_STEPS) / within)}/s\``);
  }
  const { latency } = load.good;
  if (latency !== undefined && latency > load.timeout) {
    const message = `latency is longer than the timeout (${formatDuration(load.timeout)}), which ends the request first`;
    warn(['load', 'good', 'latency'], message);
  }
}

function advisePhases({ load, phases, expect }: Spec, warn: Warn): void {
  const { recoveryTime, failback } = expect;
  if (recoveryTime !== undefined) {
    const { within, lasting, consecutive } = recoveryTime;
    const row = Math.ceil(Math.max(lasting, ((consecutive - 1) * 1000) / load.rate));
    const message = `hold is shorter than recoveryTime needs: ${formatDuration(within)} and a good row of ${formatDuration(row)}`;
    if (phases.hold < within + row)
      warn(['phases', 'hold'], message, `use at least \`${formatDuration(within + row)}\``);
  }
  if (failback !== undefined && phases.recover < failback.within) {
    const home = formatDuration(failback.within);
    warn(['phases', 'recover'], `recover ends before failback.within (${home}) is over`, `use at least \`${home}\``);
  }
}

function adviseChain({ load, expect }: Spec, warn: Warn): void {
  const isBlind = load.good.chain.length === 0;
  if (expect.errorBudget?.perCaller !== undefined && (isBlind || !load.chain.hop.includes('{ip}'))) {
    const message = 'callers are told apart by the {ip} of their hop, and the answers carry none';
    warn(['expect', 'errorBudget', 'perCaller'], message);
  }
  if (!isBlind) return;
  const seenInChain: readonly [path: readonly string[], value: unknown][] = [
    [['steadyState', 'sameZone'], expect.steadyState.sameZone],
    [['failoverOrder'], expect.failoverOrder],
    [['failback'], expect.failback],
  ];
  for (const [path, value] of seenInChain) {
    if (value === undefined) continue;
    warn(['expect', ...path], `${path.join('.')} is seen in the call chain, and spec.load.good.chain is empty`);
  }
}
