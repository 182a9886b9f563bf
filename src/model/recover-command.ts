import type { RunHeader, TouchedObject } from './history.ts';
import { shellCommand, shellQuoted } from './shell.ts';

/** Where run folders are, unless a command is told another place. */
export const DEFAULT_OUT = 'reports';

/** Stands in a command for a file that is not known where the command is made. */
const TARGETS_FILE = '<targets file>';

/** Asks the clusters themselves, where it is not known which; `namingTarget` says it where it is. */
export const SCAN_COMMAND = `faultline recover --scan --target ${TARGETS_FILE}`;

/** Where `recover` has to look, in the words of the command line that it follows. */
export type RecoverFrom = {
  /** Folder of the run folders; undefined: the clusters are asked and no folder. */
  readonly out: string | undefined;
  /** What `--target` says; undefined where nothing was said, and of a sandbox that ends with its run. */
  readonly target: string | undefined;
};

/**
 * The command that undoes what one run, or any run, has left: pasted into a shell in the folder of the command line that it
 * follows, it finds the same run folders and asks the same clusters.
 */
export function recoverCommand({ out, target }: RecoverFrom, runId?: string): string {
  const run = runId === undefined ? [] : ['--run', runId];
  const folders = out === undefined || out === DEFAULT_OUT ? [] : ['--out', out];
  const words = shellCommand(['faultline', 'recover', ...run, ...(out === undefined ? ['--scan'] : folders)]);
  if (target !== undefined) return `${words} --target ${shellQuoted(target)}`;
  return out === undefined ? `${words} --target ${TARGETS_FILE}` : words;
}

/** The command that undoes what a recorded run has left, as the run itself was told where it works. */
export function recoverOf({ runId, recover }: Pick<RunHeader, 'runId' | 'recover'>): string {
  return recover ?? recoverCommand({ out: DEFAULT_OUT, target: undefined }, runId);
}

/** A text with commands, where their target is known by now. */
export function namingTarget(text: string, target: string | undefined): string {
  return target === undefined ? text : text.replaceAll(TARGETS_FILE, () => shellQuoted(target));
}

/** An object as `recover --only` names it: `namespace/kind/name`, and `kind/name` where it belongs to no namespace. */
export function objectText({ namespace, kind, name }: Pick<TouchedObject, 'namespace' | 'kind' | 'name'>): string {
  return `${namespace === '' ? '' : `${namespace}/`}${kind.toLowerCase()}/${name}`;
}

/** A cluster as `recover --only` names one that is gone for good. */
export const clusterText = (name: string): string => `cluster/${name}`;

/** The command that closes what is open in a cluster as gone with it, after a `recover` that could not ask it. */
export function goneCommand(recover: string, cluster: string): string {
  return `${recover} ${shellCommand(['--accept-current', '--only', clusterText(cluster)])}`;
}

/** The command that closes what somebody else has changed, as it stands, after a `recover` that has found it. */
export function acceptCommand(recover: string, objects: readonly Parameters<typeof objectText>[0][]): string {
  const named = [...new Set(objects.map(objectText))].flatMap((name) => ['--only', name]);
  return `${recover} ${shellCommand(['--accept-current', ...named])}`;
}
