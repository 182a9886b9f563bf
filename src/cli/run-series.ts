import { runSeries as makeSeries, type Series, type SeriesRun } from '../app/drill/series.ts';
import { EXIT, unwrittenCode, worstCode } from '../model/exit.ts';
import { renderGateLine, renderGateTerminal } from '../trend/gate/render.ts';
import type { Requirements } from '../trend/gate/requirements.ts';
import { recordedRun } from '../trend/recorded-run.ts';
import type { Console } from './output.ts';
import { type RunOptions, runFile } from './run-file.ts';

type Asked = {
  readonly times: number;
  readonly requirements: Requirements;
  readonly out: Console;
  readonly stop: AbortSignal;
};

/** Runs a scenario file many times, and says what they show together. Whoever has said yes to the first has to all. */
export async function runSeries(file: string, options: RunOptions, asked: Asked): Promise<number> {
  const { times, requirements, out, stop } = asked;
  const { expected } = requirements;
  const runOnce = async (number: number): Promise<SeriesRun> => {
    out.say(`run ${number} of ${times}`);
    const yes = options.yes || number > 1;
    const { code, finished } = await runFile(
      file,
      { ...options, yes, times, ...(expected && { expected }) },
      out,
      stop,
    );
    if (finished === undefined) return { code };
    // No further run could be written either.
    const last = finished.problem === undefined ? code : worstCode([code, EXIT.internal]);
    return { code: last, run: recordedRun(finished.result, finished.folder.result) };
  };
  const made = await makeSeries(options.out, times, requirements, { runOnce, stop });
  out.say(endText(made.series, times));
  return tell(made, out);
}

function endText({ runs, end, stoppedBy }: Series, times: number): string {
  if (end === 'decided')
    return `the series ends after ${runs.length} of ${times} runs: no outcome of the others can change what it says`;
  if (end === 'undecided')
    return `the series ends after ${runs.length} of ${times} runs: more of them have decided nothing than may`;
  if (end === 'stopped') {
    const why = stoppedBy === undefined ? 'a signal' : `exit code ${stoppedBy} of a run`;
    return `the series ends after ${runs.length} of ${times} runs: ${why} stops it`;
  }
  return `the series is complete: ${times} runs`;
}

/** Returns the exit code that it has told. */
function tell({ decided: made, folder, problem }: Awaited<ReturnType<typeof makeSeries>>, out: Console): number {
  const exitCode = problem === undefined ? made.exitCode : unwrittenCode(made.exitCode);
  const decided = { ...made, exitCode };
  if (problem !== undefined) out.say(`error RUN_FOLDER: what the series says could not be written: ${problem}`);
  if (out.json) out.data(JSON.stringify({ ...decided, ...(folder !== undefined && { folder }) }));
  else {
    out.data((look) => renderGateTerminal(decided, look));
    if (folder !== undefined) out.data(`series: ${folder}`);
    out.data(renderGateLine(decided));
  }
  return exitCode;
}
