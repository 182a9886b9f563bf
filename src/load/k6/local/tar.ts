import { open } from 'node:fs/promises';

/** A file in a tar archive: its name, and where its bytes are. */
export type TarEntry = { readonly name: string; readonly at: number; readonly size: number };

const BLOCK = 512;

/** The regular files and links of a tar archive as Go writes it (POSIX ustar with PAX records), in their order. */
export async function tarEntries(path: string): Promise<TarEntry[]> {
  const file = await open(path, 'r');
  try {
    const entries: TarEntry[] = [];
    const header = Buffer.alloc(BLOCK);
    let longName: string | undefined;
    for (let at = 0; ; ) {
      const { bytesRead } = await file.read(header, 0, BLOCK, at);
      // Two empty blocks end an archive.
      if (bytesRead < BLOCK || header[0] === 0) return entries;
      const size = Number.parseInt(field(header, 124, 12), 8) || 0;
      const type = String.fromCharCode(header[156] ?? 0);
      if (type === 'x') {
        const records = Buffer.alloc(size);
        await file.read(records, 0, size, at + BLOCK);
        longName = pathOf(records);
      } else {
        if ('01'.includes(type)) entries.push({ name: longName ?? nameOf(header), at: at + BLOCK, size });
        longName = undefined;
      }
      at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    }
  } finally {
    await file.close();
  }
}

function nameOf(header: Buffer): string {
  const prefix = field(header, 345, 155);
  return prefix === '' ? field(header, 0, 100) : `${prefix}/${field(header, 0, 100)}`;
}

function field(header: Buffer, at: number, length: number): string {
  const [text = ''] = header.toString('utf8', at, at + length).split('\0');
  return text;
}

/** The `path` among PAX records, each "length key=value\n" with its length in bytes. */
function pathOf(records: Buffer): string | undefined {
  for (let at = 0; at < records.length; ) {
    const length = Number.parseInt(records.toString('latin1', at, at + 20), 10);
    if (!(length > 0)) return undefined;
    const [key, value] = split(records.toString('utf8', at, at + length - 1).replace(/^\d+ /, ''));
    if (key === 'path') return value;
    at += length;
  }
  return undefined;
}

function split(record: string): [key: string, value: string] {
  const at = record.indexOf('=');
  return [record.slice(0, at), record.slice(at + 1)];
}
