import { findRuns } from '../../app/recorded/recorded-runs.ts';
import { gate } from '../../trend/gate/gate.ts';
import { renderGateJunit } from '../../trend/gate/junit.ts';
import { renderGateLine, renderGateMarkdown, renderGateTerminal } from '../../trend/gate/render.ts';
import { recordedRun } from '../../trend/recorded-run.ts';
import { type GateOptions, requirementsOf } from '../gate-options.ts';
import { openConsole, reportError } from '../output.ts';

type Format = 'text' | 'json' | 'markdown' | 'junit';

/** `faultline gate DIR|FILES...`: decides over recorded runs. */
export async function gateCommand(
  paths: readonly string[],
  { output, ...written }: GateOptions & { output: Format },
): Promise<number> {
  const out = openConsole(output === 'json' ? 'json' : 'text');
  try {
    const requirements = requirementsOf(written);
    const found = findRuns(paths, recordedRun);
    const decided = gate(found, requirements);
    if (output === 'json') out.data(JSON.stringify(decided));
    else if (output === 'markdown') out.data(renderGateMarkdown(decided));
    else if (output === 'junit') out.data(renderGateJunit(decided, found.runs));
    else out.data((look) => `${renderGateTerminal(decided, look)}${renderGateLine(decided)}`);
    return decided.exitCode;
  } catch (error) {
    return reportError(out, error);
  }
}
