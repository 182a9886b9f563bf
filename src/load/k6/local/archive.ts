import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, open, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { promisify } from 'node:util';
import { hideCredentials } from '../../../model/credentials.ts';
import type { LoadedFiles } from '../../../model/engine.ts';
import { FaultlineError, messageOf } from '../../../model/errors.ts';
import { SCRIPT_MODULE } from '../../../model/scenario.ts';
import type { Millis } from '../../../model/units.ts';
import { stagedFiles, writeFiles } from '../config/script-files.ts';
import { CONFIG, ENTRY } from '../config/staged-names.ts';
import { readLogLine } from '../records/log-line.ts';
import { k6Environment } from './command.ts';
import { type TarEntry, tarEntries } from './tar.ts';

const PATIENCE_MS: Millis = 60_000;
/** What a script that is only loaded needs of a run. */
const NO_LOAD = JSON.stringify({
  options: { scenarios: { load: { executor: 'shared-iterations', exec: 'send' } } },
  lanes: [],
  timeoutMs: 0,
  header: '',
});

/**
 * What a script imports and opens while it is loaded, as k6 itself finds it, computed names too: `k6 archive` loads it as
 * a run would and keeps whatever it asked for. `main` is its name in the folder. Rejects with FaultlineError LOAD, with the
 * words of k6, where it cannot be loaded.
 */
export async function loadedFiles(binary: string, folder: string, main: string): Promise<LoadedFiles> {
  const own = await mkdtemp(join(tmpdir(), 'faultline-script-'));
  const mirrored = join(own, 'mirror');
  try {
    await mirror(folder, mirrored, posix.dirname(main));
    await writeFiles(mirrored, await stagedFiles({ main, files: new Map() }));
    await writeFile(join(mirrored, CONFIG), NO_LOAD);
    const archive = join(own, 'archive.tar');
    await makeArchive(binary, { own, mirrored, archive, main });
    return await namesIn(archive, main);
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

/**
 * The folder again, by links, so that the files of the run itself can stand beside a script without being written there.
 * Those of the same names are left out: a run has its own.
 */
async function mirror(folder: string, mirrored: string, inner: string): Promise<void> {
  await mkdir(mirrored);
  const [next, ...rest] = inner === '.' ? [] : inner.split('/');
  const hidden = [next, ENTRY, CONFIG, next === undefined ? SCRIPT_MODULE : undefined];
  for (const name of await readdir(folder)) {
    if (!hidden.includes(name)) await symlink(join(folder, name), join(mirrored, name));
  }
  if (next !== undefined) await mirror(join(folder, next), join(mirrored, next), rest.join('/') || '.');
}

async function makeArchive(
  binary: string,
  { own, mirrored, archive, main }: { own: string; mirrored: string; archive: string; main: string },
): Promise<void> {
  const quiet = ['--quiet', '--no-color', '--log-format=json', '--include-system-env-vars'];
  const options = {
    cwd: mirrored,
    env: k6Environment({ folder: own, config: join(mirrored, CONFIG) }),
    timeout: PATIENCE_MS,
  };
  try {
    await promisify(execFile)(binary, ['archive', ...quiet, '-O', archive, ENTRY], options);
  } catch (cause) {
    const { stderr } = cause as { stderr?: unknown };
    const lines = typeof stderr === 'string' ? stderr.trim().split('\n') : [];
    const said = lines.map(readLogLine).filter(({ level }) => level === 'error' || level === 'fatal');
    const why = said.at(-1)?.message ?? messageOf(cause);
    const shown = why.replaceAll(`file://${mirrored}/`, '').replaceAll(`${mirrored}/`, '').trim();
    throw new FaultlineError('LOAD', `k6 cannot load the script ${main}: ${hideCredentials(shown)}`, { cause });
  }
}

async function namesIn(archive: string, main: string): Promise<LoadedFiles> {
  const entries = await tarEntries(archive);
  const folder = await folderIn(archive, entries);
  const ours = [ENTRY, CONFIG, posix.join(posix.dirname(main), SCRIPT_MODULE)];
  const inside: string[] = [];
  const elsewhere: string[] = [];
  for (const { name } of entries) {
    const path = /^(file|https)(\/.*)$/s.exec(name);
    if (path?.[1] === 'https') elsewhere.push(`https:/${path[2]}`);
    else if (path?.[2]?.startsWith(`${folder}/`)) inside.push(path[2].slice(folder.length + 1));
    else if (path !== null) elsewhere.push(path[2] ?? '');
  }
  return { inside: inside.filter((name) => !ours.includes(name)), elsewhere };
}

/** Where k6 ran, as it writes paths in an archive: without the names of users. */
async function folderIn(archive: string, entries: readonly TarEntry[]): Promise<string> {
  const metadata = entries.find(({ name }) => name === 'metadata.json');
  const file = await open(archive, 'r');
  try {
    const text = Buffer.alloc(metadata?.size ?? 0);
    await file.read(text, 0, text.length, metadata?.at ?? 0);
    const { pwd } = JSON.parse(text.toString('utf8')) as { pwd: string };
    return decodeURIComponent(new URL(pwd).pathname);
  } finally {
    await file.close();
  }
}
