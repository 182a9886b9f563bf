import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import type { ValueKind, Values } from './complete.ts';
import { screenText } from './screen.ts';

/** More than what stands before `kind` in any file. */
const HEAD_BYTES = 4096;
const RUN_ID = /^\d{8}t\d{6}z-\w+$/;

/**
 * The values that there are on this machine, in the current folder. What cannot be read has none. Somebody waits at a Tab: only
 * what a kind of value needs is loaded.
 */
export function localValues(out: string): Values {
  const byKind: Readonly<Record<ValueKind, (prefix: string) => Promise<readonly string[]> | readonly string[]>> = {
    scenario: (prefix) => files(prefix, (file) => isYaml(file) && kindOf(file) === 'Scenario'),
    target: async (prefix) => [
      ...(await targetNames()),
      ...files(prefix, (file) => isYaml(file) && kindOf(file) === 'Targets'),
    ],
    run: (prefix) => [...runsIn(out).map((name) => `${out}/${name}`), ...files(prefix, () => false)],
    'run id': () => runsIn(out).filter((name) => RUN_ID.test(name)),
    context: listed,
    folder: (prefix) => files(prefix, () => false),
    file: (prefix) => files(prefix, () => true),
    verdict: verdicts,
    setting: async (prefix) => (await import('./complete-settings.ts')).settingsFor(prefix),
  };
  return async (kind, prefix) => {
    try {
      return (await byKind[kind](prefix)).filter(isWhole);
    } catch {
      return [];
    }
  };
}

/** Whether a value reaches the shell as it is: one line of printable text. A name that is not UTF-8 would be another one. */
const isWhole = (value: string): boolean => screenText(value, false) === value && !/[\n\t\ufffd]/.test(value);

async function targetNames(): Promise<readonly string[]> {
  return (await import('../app/targets/names.ts')).TARGET_NAMES;
}

/** How a run may be expected to end. */
async function verdicts(): Promise<readonly string[]> {
  const { OBJECTIVES } = await import('../analysis/objectives/index.ts');
  return ['pass', 'fail', 'inconclusive', ...OBJECTIVES.map(({ name }) => `fail:${name}`)];
}

const isYaml = (file: string): boolean => /\.ya?ml$/.test(file);

/** Folders, and the files that are wanted, in the folder that the prefix names; none looks like an option. */
function files(prefix: string, wanted: (file: string) => boolean): string[] {
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  return readdirSync(folder === '' ? '.' : folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') return [];
    const file = `${folder === '' && entry.name.startsWith('-') ? './' : folder}${entry.name}`;
    if (entry.isDirectory()) return [`${file}/`];
    return wanted(file) ? [file] : [];
  });
}

/** What the beginning of a file says that it is. */
function kindOf(file: string): string | undefined {
  const handle = openSync(file, 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    const text = head.toString('utf8', 0, readSync(handle, head));
    return /^kind:\s*(\w+)/m.exec(text)?.[1];
  } finally {
    closeSync(handle);
  }
}

/** The newest first. */
function runsIn(out: string): string[] {
  return readdirSync(out)
    .filter((name) => RUN_ID.test(name) || name === 'latest')
    .toSorted()
    .toReversed();
}

/** Contexts, also behind others and a comma. */
async function listed(prefix: string): Promise<string[]> {
  const { kubeconfigFiles } = await import('../app/init/discover-targets.ts');
  const { contextsIn } = await import('../kube/contexts.ts');
  const before = prefix.slice(0, prefix.lastIndexOf(',') + 1);
  return contextsIn(kubeconfigFiles(undefined)).map(({ context }) => `${before}${context}`);
}
