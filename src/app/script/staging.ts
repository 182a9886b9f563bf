import { posix } from 'node:path';
import { FILE_NAME } from '../../load/k6/pods/manifests.ts';
import type { ScriptSupport } from '../../model/engine.ts';
import { SCRIPT_MODULE } from '../../model/scenario.ts';
import { quoted } from '../../scenario/index.ts';
import type { Refusal } from './modules.ts';

/** Where the files of a script are put for k6: into a folder like the scenario's, or all into one folder of pods. */
export type Staging = Pick<ScriptSupport, 'layout' | 'taken'> & {
  /** The script's name in the scenario's folder. */
  readonly main: string;
};

const KIB = 1024;
/** What a ConfigMap holds, less what a run adds: its configuration and its own scripts. */
const POD_BYTES = 1024 * KIB - 64 * KIB;

/** Why a file of this name cannot be put there; undefined where it can. */
export function placeProblem(name: string, { main, layout, taken }: Staging): Refusal | undefined {
  const folder = posix.dirname(main);
  const base = posix.basename(name);
  const pods = layout === 'flat';
  if (pods && posix.dirname(name) !== folder) {
    return { message: `${quoted(name)} is not beside the script, and pods have one folder`, hint: 'move it there' };
  }
  if (pods && !FILE_NAME.test(base)) {
    const hint = 'letters, digits, dots, dashes and underscores make a name';
    return { message: `pods cannot have a file named ${quoted(base)}`, hint };
  }
  const isTop = posix.dirname(name) === (pods ? folder : '.');
  const isTaken = isTop && taken.includes(base.toLowerCase());
  if (!isTaken && !(name === main && base.toLowerCase() === SCRIPT_MODULE)) return undefined;
  return { message: `the name ${quoted(name)} is taken by a file of the run itself`, hint: 'give it another name' };
}

/** Why the pods cannot have so much; undefined where they can. */
export function sizeProblem(files: ReadonlyMap<string, string>): Refusal | undefined {
  const sizes = [...files].map(([name, text]) => ({ name, bytes: Buffer.byteLength(text) }));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  const [largest] = sizes.toSorted((a, b) => b.bytes - a.bytes);
  if (total < POD_BYTES || largest === undefined) return undefined;
  const most = `${quoted(largest.name)} with ${largest.bytes}`;
  return {
    message: `the script's files are ${total} bytes together, and pods take less than ${POD_BYTES}; the largest is ${most}`,
    hint: 'leave out what the script does not need, or let it make its data itself',
  };
}
