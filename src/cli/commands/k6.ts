import { buildK6 } from '../../load/index.ts';
import { EXIT } from '../../model/exit.ts';
import { openConsole, reportError } from '../output.ts';

/** `faultline k6 build`: prints the path of a k6 with the extension, built now or before; exit 3 where that is not possible. */
export async function k6Build(): Promise<number> {
  const out = openConsole('text');
  try {
    out.data(await buildK6(out.say));
    return EXIT.pass;
  } catch (error) {
    return reportError(out, error, EXIT.refused);
  }
}
