import { readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, sep } from 'node:path';
import { messageOf } from '../../model/errors.ts';
import { SCRIPT_MODULE } from '../../model/scenario.ts';
import { quoted } from '../../scenario/index.ts';
import type { Refusal } from './modules.ts';

/** The text of a file that lies in the folder, whatever links are on the way; `written` is what a script calls it. */
export function readInside(folder: string, path: string, written: string): string | Refusal {
  if (!isInside(folder, path)) return outside(written);
  try {
    if (!isInside(realpathSync(folder), realpathSync(path))) return outside(written);
    if (!statSync(path).isFile()) return { message: `${quoted(written)} is no file` };
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
  } catch (error) {
    return unreadable(path, written, error);
  }
}

/** Why a file elsewhere cannot be had. */
export function outside(written: string): Refusal {
  const message = `${quoted(written)} leads out of the folder of the scenario`;
  return { message, hint: 'copy it beside the script' };
}

function isInside(folder: string, path: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function unreadable(path: string, written: string, error: unknown): Refusal {
  const code = 'FILE_UNREADABLE';
  const reason = (error as { code?: string }).code ?? '';
  if (reason === 'ERR_ENCODING_INVALID_ENCODED_DATA')
    return { code, message: `${quoted(written)} is no text in UTF-8` };
  if (reason !== 'ENOENT' && reason !== 'ENOTDIR')
    return { code, message: `${quoted(written)} cannot be read: ${messageOf(error)}` };
  if (basename(path) === SCRIPT_MODULE) {
    return { code, message: `${quoted(written)} does not exist`, hint: 'put it there with: faultline k6 script' };
  }
  const ending = ['.ts', '.js'].find((candidate) => statSync(path + candidate, { throwIfNoEntry: false })?.isFile());
  const message = `${quoted(written)} does not exist`;
  return ending === undefined ? { code, message } : { code, message, hint: `write ${quoted(written + ending)}` };
}
