import { grantPlanned } from '../../app/drill/grant-planned.ts';
import { describeInvalid, InvalidFile } from '../../app/files/load-files.ts';
import { accessOf } from '../../lab/up/access.ts';
import { LAB_FOLDER } from '../../lab/up/state.ts';
import { EXIT } from '../../model/exit.ts';
import { type OutputOption, openConsole, reportError } from '../output.ts';

/** `faultline lab grant FILE`: gives the user of the targets file for drills what `plan` lists for the scenario. */
export async function labGrant([file = '']: readonly string[], { output }: OutputOption): Promise<number> {
  const out = openConsole(output);
  try {
    const permissions = await grantPlanned(file);
    const { targets } = accessOf(LAB_FOLDER).drill;
    out.say(`The user drill has the ${permissions} permissions that plan lists for ${file}, and no others.`);
    out.data(out.json ? JSON.stringify({ permissions, targets }) : targets);
    return EXIT.pass;
  } catch (error) {
    if (!(error instanceof InvalidFile)) return reportError(out, error, EXIT.refused);
    out.say(({ color }) => describeInvalid(error, color));
    return EXIT.usage;
  }
}
