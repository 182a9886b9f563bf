import { readdir, readlink } from 'node:fs/promises';

/** Whether this process holds a file open; where there is no /proc nobody can say, and it does not. */
export async function holdsOpen(file: string): Promise<boolean> {
  const folder = '/proc/self/fd';
  const names = await readdir(folder).catch(() => []);
  const targets = await Promise.all(names.map((name) => readlink(`${folder}/${name}`).catch(() => '')));
  return targets.includes(file);
}
