import { existsSync } from 'node:fs';
import { KubeConfig } from '@kubernetes/client-node';
import { FaultlineError, messageOf } from '../model/errors.ts';

/** A context and the file that it stands in. */
export type KubeContext = { readonly context: string; readonly kubeconfig: string };

/** The contexts of kubeconfig files, the first of each name, as kubectl takes them. Throws FILE_UNREADABLE. */
export function contextsIn(files: readonly string[]): KubeContext[] {
  const found = new Map<string, KubeContext>();
  for (const kubeconfig of files.filter((file) => existsSync(file))) {
    const config = new KubeConfig();
    try {
      config.loadFromFile(kubeconfig);
    } catch (cause) {
      throw new FaultlineError('FILE_UNREADABLE', `kubeconfig ${kubeconfig} cannot be read: ${messageOf(cause)}`, {
        cause,
      });
    }
    for (const { name } of config.getContexts()) if (!found.has(name)) found.set(name, { context: name, kubeconfig });
  }
  return [...found.values()];
}
