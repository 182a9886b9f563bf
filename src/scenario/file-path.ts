import { homedir } from 'node:os';
import { resolve } from 'node:path';

/** The absolute path of a file that is named in another one: relative to that one's folder, or to the home directory after `~/`. */
export function filePath(written: string, folder: string): string {
  return written.startsWith('~/') ? resolve(homedir(), written.slice(2)) : resolve(folder, written);
}
