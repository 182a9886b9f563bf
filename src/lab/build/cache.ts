import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Inputs, StepName } from './step.ts';

/** Where builds lie: outside any repository, beside the k6 that faultline builds. */
export function labCache(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'faultline', 'lab');
}

/** What a file of the cache holds; undefined when it is not there, or torn by a machine that went down. */
export async function readJson<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as T;
  } catch {
    return undefined;
  }
}

/** Written last into a finished folder: the size of each file, by its path inside. */
const RECEIPT = 'receipt.json';
type Receipt = Readonly<Record<string, number>>;

/** The name of a step's folder: one for each content of its inputs. */
export function folderName(step: StepName, inputs: Inputs): string {
  const sorted = Object.entries(inputs).sort(([a], [b]) => (a < b ? -1 : 1));
  const hash = createHash('sha256').update(JSON.stringify(sorted)).digest('hex');
  return `${step}-${hash.slice(0, 16)}`;
}

/** Whether the folder holds all that a finished step has left in it. */
export async function isFinished(folder: string): Promise<boolean> {
  const receipt = await readJson<Receipt>(join(folder, RECEIPT));
  if (receipt === undefined) return false;
  const sizes = Object.entries(receipt).map(async ([path, size]) => {
    const there = await stat(join(folder, path)).catch(() => undefined);
    return there?.size === size;
  });
  return (await Promise.all(sizes)).every(Boolean);
}

/**
 * Makes a folder whole or not at all: it is filled under another name, and what an earlier process left there or a
 * damaged folder is thrown away. `pid` is that of this process.
 */
export async function fillFolder(
  folder: string,
  pid: number,
  fill: (unfinished: string) => Promise<void>,
): Promise<void> {
  const unfinished = `${folder}${UNFINISHED}${pid}`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  await fill(unfinished);
  await writeFile(join(unfinished, RECEIPT), JSON.stringify(await receiptOf(unfinished)));
  await rm(folder, { recursive: true, force: true });
  await rename(unfinished, folder);
}

const UNFINISHED = '.unfinished-';

/** Removes what builds have left that ended in the middle of a step; those of living processes stay. */
export async function sweep(cache: string, lives: (pid: number) => boolean): Promise<void> {
  for (const name of await readdir(cache).catch(() => [])) {
    const pid = name.split(UNFINISHED)[1];
    if (pid !== undefined && !lives(Number(pid))) await rm(join(cache, name), { recursive: true, force: true });
  }
}

async function receiptOf(folder: string): Promise<Receipt> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const sizes = files.map(async (file) => [file.slice(folder.length + 1), (await stat(file)).size] as const);
  return Object.fromEntries(await Promise.all(sizes));
}
