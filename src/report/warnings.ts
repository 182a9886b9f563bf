import type { RunResult } from '../model/result.ts';
import { uncheckedText } from '../model/target.ts';

/**
 * What a reader must know before the verdict, whatever it is: that the load or the target's own process was too slow to
 * show anything for some time, and that answers may be those of anybody.
 */
export function warningTexts({ findings, run, reasonFinding }: RunResult): readonly string[] {
  const load = findings.find(({ objective, verdict }) => objective === 'loadQuality' && verdict !== 'pass');
  const isSaid = load === undefined || load.id === reasonFinding;
  const unchecked = uncheckedText(run.topology.paths);
  return [...(isSaid ? [] : [`${load.title}: ${load.story}`]), ...(unchecked === undefined ? [] : [unchecked])];
}
