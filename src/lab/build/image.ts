import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type ImageConfig, ociArchive } from './oci.ts';
import type { Inputs, OutputOf, Step } from './step.ts';
import { type Segment, sha256, type TarEntry, writeSegments } from './tar.ts';

/** A file of an image by its absolute path there: a copy, a text, a symbolic link or a folder. Owned by root unless said. */
export type ImageFile = { readonly path: string; readonly mode?: number; readonly owner?: number } & (
  | { readonly from: string }
  | { readonly text: string }
  | { readonly to: string }
  | { readonly folder: true }
);

export type Image = {
  /** The last part of the step's name. */
  readonly name: string;
  readonly config: ImageConfig;
  files(output: OutputOf): Promise<readonly ImageFile[]>;
};

/** Name of the archive in the step's folder. */
export const ARCHIVE = 'image.tar';

/** The step that writes an image as an OCI archive. It depends on what the files hold, not on where they come from. */
export function imageStep({ name, config, files }: Image): Step {
  return {
    name: `image-${name}`,
    what: `image ${config.reference}`,
    inputs: async (output) => ({
      config: JSON.stringify(config),
      ...(await contents(await entriesOf(await files(output)))),
    }),
    make: async (folder, _tools, output) => {
      const entries = await entriesOf(await files(output));
      await writeSegments(join(folder, ARCHIVE), await ociArchive(config, entries));
    },
  };
}

async function contents(entries: readonly TarEntry[]): Promise<Inputs> {
  const texts: Record<string, string> = {};
  for (const { path, ...entry } of entries) {
    texts[path] = JSON.stringify(entry.kind === 'file' ? { ...entry, body: await sha256(entry.body) } : entry);
  }
  return texts;
}

/** The members of an image's layer, sorted by path, with all the folders that they lie in. */
export async function entriesOf(files: readonly ImageFile[]): Promise<TarEntry[]> {
  const all = new Map<string, TarEntry>();
  for (const file of files) {
    for (let path = dirname(file.path); path !== '/'; path = dirname(path)) {
      const inside = path.slice(1);
      if (!all.has(inside)) all.set(inside, { path: inside, kind: 'folder', mode: 0o755, owner: 0 });
    }
    const entry = await entryOf(file);
    all.set(entry.path, entry);
  }
  return [...all.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function entryOf(file: ImageFile): Promise<TarEntry> {
  const { mode = 0o755, owner = 0 } = file;
  const common = { path: file.path.slice(1), mode, owner };
  if ('to' in file) return { ...common, kind: 'link', to: file.to };
  if ('folder' in file) return { ...common, kind: 'folder' };
  const body: Segment[] =
    'text' in file ? [Buffer.from(file.text)] : [{ file: file.from, size: (await stat(file.from)).size }];
  return { ...common, kind: 'file', body };
}
