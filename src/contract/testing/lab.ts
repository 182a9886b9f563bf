import { execFileSync } from 'node:child_process';
import { LAB_FOLDER } from '../../lab/up/state.ts';
import { labCondition } from '../../lab/up/status.ts';

/** A lab that specs use; it is left as it was found. */
export type UsedLab = { leave(): void };

const ARGS = ['--disable-warning=ExperimentalWarning', 'src/cli/main.ts', 'lab'];

/** The lab of this machine, started where there is none. */
export function needLab(): UsedLab {
  const lab = (verb: string): void => {
    execFileSync(process.execPath, [...ARGS, verb], { stdio: ['ignore', 'ignore', 'inherit'] });
  };
  const found = labCondition(LAB_FOLDER).kind;
  if (found !== 'up') lab('up');
  return { leave: () => (found === 'up' ? undefined : lab('down')) };
}
