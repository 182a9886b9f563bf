import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PartsFile } from '../parts.ts';

/** What was removed from the cache. */
type Pruned = { readonly names: readonly string[]; readonly bytes: number };

/** Beside the folders of steps and the lists of finished builds. */
const OURS = ['logs', 'durations.json'];

/** Removes from the cache all that none of these finished builds is made of; unfinished folders are left to the next build. */
export async function pruneBuilds(cache: string, keep: ReadonlyMap<string, PartsFile>): Promise<Pruned> {
  const kept = new Set([...OURS, ...keep.keys(), ...[...keep.values()].flatMap(({ steps }) => steps)]);
  const names = (await readdir(cache)).filter((name) => !kept.has(name) && !name.includes('.unfinished-'));
  let bytes = 0;
  for (const name of names) {
    bytes += await sizeOf(join(cache, name));
    await rm(join(cache, name), { recursive: true });
  }
  return { names, bytes };
}

async function sizeOf(path: string): Promise<number> {
  const own = await stat(path);
  if (!own.isDirectory()) return own.size;
  const inside = await Promise.all((await readdir(path)).map((name) => sizeOf(join(path, name))));
  return inside.reduce((sum, size) => sum + size, 0);
}
