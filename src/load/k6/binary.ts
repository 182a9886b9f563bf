import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { firstWords } from '../../model/credentials.ts';
import { messageOf } from '../../model/errors.ts';

/** A k6 on this machine. */
export type FoundK6 = {
  readonly path: string;
  /** Where it was found: `$FAULTLINE_K6`, `cache` or `PATH`. */
  readonly from: string;
  /** Version of k6 without the v; empty when the program did not say. */
  readonly version: string;
  /** Whether the faultline extension is built in; without it only fresh connections can be judged. */
  readonly extension: boolean;
  /** Why it cannot be used; undefined when it can. */
  readonly problem: string | undefined;
};

type Environment = Readonly<Record<string, string | undefined>>;

const PROGRAM = process.platform === 'win32' ? 'k6.exe' : 'k6';
const VERSION_PATIENCE_MS = 20_000;

/** The Go sources of the extension, from source and in the built package alike. */
export const EXTENSION_SOURCES: string = fileURLToPath(new URL('../xk6', import.meta.url));

/** Where the k6 of these very sources lies or would lie: a folder named by their hash in the user's cache. */
export async function cachedK6(env: Environment = process.env, sources: string = EXTENSION_SOURCES): Promise<string> {
  const cache = env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'faultline', `k6-${await sourceHash(sources)}`, PROGRAM);
}

/**
 * Every k6 there is, in the order in which they are taken: $FAULTLINE_K6, the cache, PATH. With $FAULTLINE_K6 nothing else
 * is looked at.
 */
export async function findK6(env: Environment = process.env): Promise<FoundK6[]> {
  if (env.FAULTLINE_K6) return [await inspect(env.FAULTLINE_K6, '$FAULTLINE_K6')];
  const cached = await cachedK6(env);
  const found: FoundK6[] = [];
  if (await executable(cached)) found.push(await inspect(cached, 'cache'));
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    const path = join(folder, PROGRAM);
    if (folder !== '' && (await executable(path))) found.push(await inspect(path, 'PATH'));
  }
  return found;
}

async function inspect(path: string, from: string): Promise<FoundK6> {
  try {
    const options = { env: { K6_AUTO_EXTENSION_RESOLUTION: 'false' }, timeout: VERSION_PATIENCE_MS };
    const { stdout } = await promisify(execFile)(path, ['version'], options);
    const version = /^k6\S* v(\S+)/.exec(stdout)?.[1] ?? '';
    const extension = stdout.includes('k6/x/faultline');
    return { path, from, version, extension, problem: problemOf(version) };
  } catch (error) {
    return { path, from, version: '', extension: false, problem: `it cannot be run: ${firstWords(messageOf(error))}` };
  }
}

function problemOf(version: string): string | undefined {
  if (version === '') return 'it is no k6';
  return version.startsWith('2.') ? undefined : `it is k6 ${version}, and version 2 is needed`;
}

async function executable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function sourceHash(folder: string): Promise<string> {
  const names = await readdir(folder, { recursive: true });
  const sources = names.filter((name) => /(\.go|go\.mod|go\.sum)$/.test(name) && !name.endsWith('_test.go')).sort();
  const hash = createHash('sha256');
  for (const name of sources) hash.update(`${name}\0`).update(await readFile(join(folder, name)));
  return hash.digest('hex').slice(0, 16);
}
