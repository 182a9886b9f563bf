import { OBJECTIVES } from '../../analysis/objectives/index.ts';
import { findRuns } from '../../app/recorded-runs.ts';
import { FaultlineError } from '../../model/errors.ts';
import { parseExpectation } from '../../trend/expectation.ts';
import { type Gate, gate } from '../../trend/gate/gate.ts';
import { renderGateJunit, renderGateLine, renderGateMarkdown, renderGateTerminal } from '../../trend/gate/render.ts';
import {
  isAnythingRequired,
  parseRequirements,
  type Requirements,
  type WrittenRequirements,
} from '../../trend/gate/requirements.ts';
import { type Console, openConsole, reportError } from '../output.ts';

export type GateOptions = WrittenRequirements & { readonly expect?: string };

/** The requirements of the command line. Throws USAGE. */
export function requirementsOf({ expect, ...written }: GateOptions): Requirements {
  const expected =
    expect === undefined
      ? undefined
      : parseExpectation(
          expect,
          OBJECTIVES.map(({ name }) => name),
        );
  return parseRequirements(written, expected);
}

type Format = 'text' | 'json' | 'markdown' | 'junit';

/** `faultline gate DIR|FILES...`: decides over recorded runs. */
export async function gateCommand(
  paths: readonly string[],
  { output, ...written }: GateOptions & { output: Format },
): Promise<number> {
  const out = openConsole(output === 'json' ? 'json' : 'text');
  try {
    const requirements = requirementsOf(written);
    if (!isAnythingRequired(requirements)) {
      throw new FaultlineError('USAGE', 'nothing is required', {
        hint: 'for example --pass-rate 0.95, --recovery "p95<=5s" or --errors "<=0.5%"',
      });
    }
    const decided = gate(findRuns(paths), requirements);
    tellGate(decided, output, out);
    return decided.exitCode;
  } catch (error) {
    return reportError(out, error);
  }
}

function tellGate(decided: Gate, output: Format, out: Console): void {
  if (output === 'json') out.data(JSON.stringify(decided));
  else if (output === 'markdown') out.data(renderGateMarkdown(decided));
  else if (output === 'junit') out.data(renderGateJunit(decided));
  else out.data((look) => `${renderGateTerminal(decided, look)}${renderGateLine(decided)}`);
}
