import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';

/** A part of a stream of bytes: in memory, or a whole file of a known size. */
export type Segment = Buffer | { readonly file: string; readonly size: number };

/** One member of a tar archive. `path` has no leading slash; mode is that of chmod. */
export type TarEntry = { readonly path: string; readonly mode: number; readonly owner: number } & (
  | { readonly kind: 'file'; readonly body: readonly Segment[] }
  | { readonly kind: 'link'; readonly to: string }
  | { readonly kind: 'folder' }
);

const BLOCK = 512;
const TYPE = { file: '0', link: '2', folder: '5' } as const;

/**
 * A POSIX ustar archive (IEEE 1003.1, pax) of the entries in the order given. The same entries give the same bytes: no
 * time of change, no names of users, group equal to owner.
 */
export function tar(entries: readonly TarEntry[]): Segment[] {
  const members = entries.flatMap((entry): Segment[] => {
    if (entry.kind !== 'file') return [header(entry, 0)];
    const size = sizeOf(entry.body);
    return [header(entry, size), ...entry.body, Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK)];
  });
  return [...members, Buffer.alloc(2 * BLOCK)];
}

function header(entry: TarEntry, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const text = (at: number, length: number, value: string): void => {
    if (Buffer.byteLength(value) > length) throw new RangeError(`${value} is longer than tar's ${length} bytes`);
    block.write(value, at);
  };
  const octal = (at: number, length: number, value: number): void =>
    text(at, length - 1, value.toString(8).padStart(length - 1, '0'));
  text(0, 100, entry.kind === 'folder' ? `${entry.path}/` : entry.path);
  octal(100, 8, entry.mode);
  octal(108, 8, entry.owner);
  octal(116, 8, entry.owner);
  octal(124, 12, size);
  octal(136, 12, 0);
  text(148, 8, ' '.repeat(8));
  text(156, 1, TYPE[entry.kind]);
  text(157, 100, entry.kind === 'link' ? entry.to : '');
  text(257, 8, 'ustar\x0000');
  octal(
    148,
    7,
    block.reduce((sum, byte) => sum + byte, 0),
  );
  return block;
}

/** Bytes of all segments together. */
export function sizeOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, segment) => sum + (Buffer.isBuffer(segment) ? segment.length : segment.size), 0);
}

async function* bytesOf(segments: readonly Segment[]): AsyncGenerator<Buffer> {
  for (const segment of segments) {
    if (Buffer.isBuffer(segment)) {
      yield segment;
      continue;
    }
    let seen = 0;
    for await (const chunk of createReadStream(segment.file, { highWaterMark: 1 << 20 })) {
      seen += (chunk as Buffer).length;
      yield chunk as Buffer;
    }
    if (seen !== segment.size) throw new Error(`${segment.file} had ${segment.size} bytes and has ${seen} now`);
  }
}

/** SHA-256 of all segments together, in hexadecimal. */
export async function sha256(segments: readonly Segment[]): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of bytesOf(segments)) hash.update(chunk);
  return hash.digest('hex');
}

/** Writes the segments into a new file. */
export async function writeSegments(file: string, segments: readonly Segment[]): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    for await (const chunk of bytesOf(segments)) await handle.write(chunk);
  } finally {
    await handle.close();
  }
}
