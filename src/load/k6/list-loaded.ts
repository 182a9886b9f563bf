import type { ListLoaded } from '../../model/engine.ts';
import { type FoundK6, findK6 } from './binary.ts';

/** Asks a k6 of this machine what a script loads. `find` looks for one; none of them: nobody is asked. */
export function listLoaded(find: () => Promise<readonly FoundK6[]> = findK6): ListLoaded {
  return async (folder, main) => {
    const usable = (await find()).find(({ problem }) => problem === undefined);
    if (usable === undefined) return undefined;
    const { loadedFiles } = await import('./local/archive.ts');
    return loadedFiles(usable.path, folder, main);
  };
}
