import type { LabFault } from '../../lab/fault-kinds.ts';
import { healLab, injectLabFault } from '../../lab/up/faults.ts';
import { alone } from '../../lab/up/lock.ts';
import { LAB_FOLDER } from '../../lab/up/state.ts';
import { EXIT } from '../../model/exit.ts';
import { systemClock } from '../../run/system-clock.ts';
import { openConsole, reportError } from '../output.ts';

const WHERE = { folder: LAB_FOLDER, clock: systemClock };

/** `faultline lab fault KIND NAME`: the parser has checked the kind. */
export async function labFault([kind = '', name = '']: readonly string[]): Promise<number> {
  const out = openConsole('text');
  try {
    await alone(() => injectLabFault(kind as LabFault, name, WHERE));
    out.data(`${kind} ${name}: until faultline lab heal`);
    return EXIT.pass;
  } catch (error) {
    return reportError(out, error, EXIT.refused);
  }
}

/** `faultline lab heal`: ends every fault of the lab. */
export async function labHeal(): Promise<number> {
  const out = openConsole('text');
  try {
    await alone(() => healLab(WHERE));
    out.data('All links are up and straight, all that had ended runs again, every cluster has an istiod.');
    return EXIT.pass;
  } catch (error) {
    return reportError(out, error, EXIT.undoIncomplete);
  }
}
