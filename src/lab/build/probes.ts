import { execFile } from 'node:child_process';
import { access, mkdir, statfs } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { BuildProbes } from '../needs.ts';
import { thisHost } from './host.ts';

/** Looks at this machine; `cache` is the folder that builds go to. */
export async function probeBuild(cache: string): Promise<BuildProbes> {
  const there = (path: string): Promise<boolean> =>
    access(path).then(
      () => true,
      () => false,
    );
  await mkdir(cache, { recursive: true });
  const { bavail, bsize } = await statfs(cache);
  return {
    platform: `${process.platform}-${process.arch}`,
    go: await says('go', ['env', 'GOVERSION'], { GOTOOLCHAIN: 'local' }),
    pip: (await says('python3', ['-m', 'pip', '--version']))?.replace(/ from .*/, ''),
    busybox: (await there(thisHost.busybox)) ? await linkage(thisHost.busybox) : undefined,
    iptables: await there(thisHost.xtables),
    free: bavail * bsize,
  };
}

/** ldd fails for a program that needs no libraries. */
async function linkage(program: string): Promise<'static' | 'dynamic'> {
  return (await says('ldd', [program])) === undefined ? 'static' : 'dynamic';
}

async function says(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string | undefined> {
  const options = { env: { ...process.env, ...env } };
  return promisify(execFile)(program, args, options).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
}
