import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LoadCluster } from '../../../model/target.ts';
import { jsonText } from '../../../model/visible.ts';

const FILE = 'load-cluster.json';

/** Where a run has pods that send, or may have. */
type RunMarker = { readonly where: LoadCluster; readonly runId: string };

/** Writes down, beside the records and before anything is created, where the load will be. */
export async function writeRunMarker(records: string, marker: RunMarker): Promise<void> {
  await writeFile(join(dirname(records), FILE), `${jsonText(marker)}\n`, { mode: 0o600 });
}

/** The marker in a run folder: its load was not seen to go. Undefined where there is none. */
export async function readRunMarker(folder: string): Promise<RunMarker | undefined> {
  const text = await readFile(join(folder, FILE), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as RunMarker);
}

/** Nothing of the load is left. */
export async function removeRunMarker(folder: string): Promise<void> {
  await rm(join(folder, FILE), { force: true });
}
