import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { hideCredentials } from '../model/credentials.ts';
import { FaultlineError, messageOf } from '../model/errors.ts';
import type { KubectlOptions } from '../model/ports.ts';

/** A context and the file that it stands in. */
export type KubeContext = { readonly context: string; readonly kubeconfig: string };

/** The files that kubectl takes by itself: those of KUBECONFIG, or the one in the home directory. */
export function ownKubeconfigs(): readonly string[] {
  const listed = (process.env.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== '');
  return listed.length > 0 ? listed.map((file) => resolve(file)) : [join(homedir(), '.kube', 'config')];
}

/** How a person tells kubectl of a context. Of several files kubectl mixes what has the same name: then the file is named, too. */
export function kubectlOptions({ context, kubeconfig }: KubeContext): KubectlOptions {
  const own = ownKubeconfigs();
  return own.length === 1 && own[0] === kubeconfig ? { context } : { context, kubeconfig };
}

/** Why a kubeconfig cannot be read: what a parser of YAML says of its place, and none of the lines that it quotes. */
export function unreadText(error: unknown): string {
  return hideCredentials(messageOf(error).split('\n')[0] ?? '');
}

/** The contexts of kubeconfig files, the first of each name, as kubectl takes them. Throws FILE_UNREADABLE. */
export function contextsIn(files: readonly string[]): KubeContext[] {
  const found = new Map<string, KubeContext>();
  for (const kubeconfig of files.filter((file) => existsSync(file))) {
    const config = new KubeConfig();
    try {
      config.loadFromFile(kubeconfig);
    } catch (cause) {
      throw new FaultlineError('FILE_UNREADABLE', `kubeconfig ${kubeconfig} cannot be read: ${unreadText(cause)}`, {
        cause,
      });
    }
    for (const { name } of config.getContexts()) if (!found.has(name)) found.set(name, { context: name, kubeconfig });
  }
  return [...found.values()];
}
