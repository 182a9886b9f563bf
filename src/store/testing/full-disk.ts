import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/**
 * From now on the disk has room for so many bytes more, and takes as much of a write as it has room for, as Linux does.
 * Returns what makes room again; whoever has filled it must.
 */
export function fillDisk(room: number): () => void {
  const { writeSync } = fs;
  let left = room;
  const write = (fd: number, bytes: Uint8Array, at = 0): number => {
    const length = Math.min(left, bytes.length - at);
    if (length <= 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    left -= length;
    return writeSync(fd, bytes, at, length);
  };
  Object.assign(fs, { writeSync: write });
  syncBuiltinESMExports();
  return () => {
    Object.assign(fs, { writeSync });
    syncBuiltinESMExports();
  };
}
