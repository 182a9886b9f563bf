import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { buildK6, scriptModule } from '../../load/index.ts';
import { FaultlineError } from '../../model/errors.ts';
import { EXIT } from '../../model/exit.ts';
import { SCRIPT_MODULE } from '../../model/scenario.ts';
import { type OutputOption, openConsole, reportError } from '../output.ts';
import { writeNamed } from '../write-file.ts';

/** `faultline k6 build`: prints the path of a k6 with the extension, built now or before; exit 3 where that is not possible. */
export async function k6Build(_args: readonly string[], { output }: OutputOption): Promise<number> {
  const out = openConsole(output);
  try {
    const k6 = await buildK6(out.say);
    out.data(out.json ? JSON.stringify({ k6 }) : k6);
    return EXIT.pass;
  } catch (error) {
    return reportError(out, error, EXIT.refused);
  }
}

const STARTER = `import { check } from 'k6';
import http from './${SCRIPT_MODULE}';

// Run by k6 for each due request of each gateway zone; rate, paths and what makes an answer good stand in the scenario.
export { options } from './${SCRIPT_MODULE}';

export default function () {
  // Send the request of every path of the scenario once. A login, and whatever shall not be judged, goes over k6/http.
  const answer = http.get('/mock', { headers: { 'x-user': \`user-\${__VU}\` } });
  check(answer, { served: (r) => r.status === 200 });
}
`;

/** `faultline k6 script FILE`: writes a script to start from, never over one, and puts the module it imports beside it. */
export async function k6Script([file = 'load.ts']: readonly string[], { output }: OutputOption): Promise<number> {
  if (!/\.[jt]s$/.test(file) || basename(file) === SCRIPT_MODULE) {
    throw new FaultlineError('USAGE', `${file} cannot be a script`, { hint: 'Name a .ts or .js file: load.ts' });
  }
  const out = openConsole(output);
  const module = join(dirname(file), SCRIPT_MODULE);
  const kept = existsSync(file);
  if (!kept) writeNamed(file, STARTER);
  writeNamed(module, await scriptModule());
  const what = kept ? `${file} is as it was; ${module} renewed.` : `${file} and ${module} written.`;
  const line = `${what} In the scenario: load: {engine: k6, connections: fresh, script: ./${basename(file)}}`;
  out.data(out.json ? JSON.stringify({ script: file, written: !kept, module }) : line);
  out.say('For your editor: npm install --save-dev @types/k6');
  return EXIT.pass;
}
