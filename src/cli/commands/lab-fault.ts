import type { LabFault } from '../../lab/fault-kinds.ts';
import { healLab, injectLabFault } from '../../lab/up/faults.ts';
import { alone } from '../../lab/up/lock.ts';
import { LAB_FOLDER } from '../../lab/up/state.ts';
import { EXIT } from '../../model/exit.ts';
import { systemClock } from '../../run/system-clock.ts';
import { type OutputOption, openConsole, reportError } from '../output.ts';

const WHERE = { folder: LAB_FOLDER, clock: systemClock };

/** `faultline lab fault KIND NAME`: the parser has checked the kind. */
export async function labFault([kind = '', name = '']: readonly string[], { output }: OutputOption): Promise<number> {
  const out = openConsole(output);
  try {
    await alone(() => injectLabFault(kind as LabFault, name, WHERE));
    out.data(out.json ? JSON.stringify({ kind, name }) : `${kind} ${name}: until faultline lab heal`);
    return EXIT.pass;
  } catch (error) {
    return reportError(out, error, EXIT.refused);
  }
}

/** `faultline lab heal`: ends every fault of the lab. */
export async function labHeal(_args: readonly string[], { output }: OutputOption): Promise<number> {
  const out = openConsole(output);
  try {
    await alone(() => healLab(WHERE));
    const text = 'All links are up and straight, all that had ended runs again, istiod too.';
    out.data(out.json ? JSON.stringify({ healed: true }) : text);
    return EXIT.pass;
  } catch (error) {
    return reportError(out, error, EXIT.undoIncomplete);
  }
}
