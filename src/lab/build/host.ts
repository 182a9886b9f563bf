import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FaultlineError, messageOf } from '../../model/errors.ts';

/** The port to what the machine gives to the images: files of Debian packages, as they are. */
export type Host = {
  /** A static one, of the package busybox-static. */
  readonly busybox: string;
  /** iptables, of the package iptables. */
  readonly xtables: string;
  /** The extensions that iptables loads. */
  xtablesExtensions(): Promise<string[]>;
  /** The dynamic libraries, and the loader, that these programs and libraries need. */
  libraries(files: readonly string[]): Promise<string[]>;
};

const EXTENSIONS = '/usr/lib/x86_64-linux-gnu/xtables';

/** This machine. */
export const thisHost: Host = {
  busybox: '/bin/busybox',
  xtables: '/usr/sbin/xtables-nft-multi',
  xtablesExtensions: async () => {
    const names = await readdir(EXTENSIONS);
    return names.filter((name) => name.endsWith('.so')).map((name) => join(EXTENSIONS, name));
  },
  libraries: async (files) => {
    const { stdout } = await promisify(execFile)('ldd', files, { maxBuffer: 1 << 24 }).catch((error: unknown) => {
      throw new FaultlineError('LAB', `ldd does not say which libraries ${files[0]} needs: ${messageOf(error)}`, {
        hint: 'The lab is built on Debian: apt-get install libc-bin iptables',
        cause: error,
      });
    });
    return librariesIn(stdout);
  },
};

/** The paths in what ldd prints, each once. Throws FaultlineError LAB when a library is not there. */
export function librariesIn(output: string): string[] {
  const missing = /^\s*(\S+) => not found/m.exec(output)?.[1];
  if (missing !== undefined) {
    throw new FaultlineError('LAB', `the library ${missing} is not on this machine`, {
      hint: `apt-get install the package that has ${missing}`,
    });
  }
  const paths = [...output.matchAll(/^\s+(?:\S+ => )?(\/\S+) \(0x/gm)].map((match) => match[1] ?? '');
  return [...new Set(paths)].sort();
}
