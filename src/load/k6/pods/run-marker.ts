import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LoadCluster } from '../../../model/target.ts';

const FILE = 'load-cluster.json';

/** Where a run has pods that send, or may have. */
export type LoadNote = { readonly where: LoadCluster; readonly runId: string };

/** Writes down, beside the records and before anything is created, where the load will be. */
export async function writeNote(records: string, note: LoadNote): Promise<void> {
  await writeFile(join(dirname(records), FILE), `${JSON.stringify(note)}\n`, { mode: 0o600 });
}

/** The note in a run folder: its load was not seen to go. Undefined where there is none. */
export async function readNote(folder: string): Promise<LoadNote | undefined> {
  const text = await readFile(join(folder, FILE), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as LoadNote);
}

/** Nothing of the load is left. */
export async function removeNote(folder: string): Promise<void> {
  await rm(join(folder, FILE), { force: true });
}
