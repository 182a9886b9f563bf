import type { Cluster } from './ports.ts';
import { shellQuoted } from './shell.ts';
import { visibleJson } from './visible.ts';

/**
 * What a shell takes as one quoted word, which is left alone; or a kubectl that begins a command: of a text, after `&& ` or `| `, and in
 * a sentence after `: ` or a bracket.
 */
const COMMANDS =
  /(?<=^|[\s=])'(?:[^']|'(?:\\.|\$'[^']*')')*'|(?<=^|&& |\| |: |\()kubectl (?!--(?:context|kubeconfig) )/g;

/**
 * A text with commands for people, with context and kubeconfig of their cluster in every kubectl of it: nobody's current context
 * and KUBECONFIG are known, and pasted into the wrong cluster a command that mends one breaks another. Commands of something
 * else stay as they are.
 */
export function inContext(text: string, { kubectl }: Pick<Cluster, 'kubectl'>): string {
  if (kubectl === undefined) return text;
  const { context, kubeconfig } = kubectl;
  const file = kubeconfig === undefined ? '' : `--kubeconfig ${shellQuoted(kubeconfig)} `;
  const options = `kubectl ${file}--context ${shellQuoted(context)} `;
  return text.replace(COMMANDS, (found) => (found.startsWith("'") ? found : options));
}

/** A patch in a command of kubectl: a list is a JSON patch, anything else a strategic merge patch. */
export function patchText(at: string, patch: string): string {
  const type = patch.startsWith('[') ? '--type=json ' : '';
  return `patch ${at} ${type}-p ${shellQuoted(visibleJson(patch))}`;
}

/** The same, of a patch that stands in an annotation of the object, from where a shell reads it: it may hold what nobody may read. */
export function heldPatchText(kubectl: string, at: string, patch: string, annotation: string): string {
  const type = patch.startsWith('[') ? '--type=json ' : '';
  const held = `{.metadata.annotations.${annotation.replaceAll('.', '\\.')}}`;
  return `patch ${at} ${type}-p "$(${kubectl} get ${at} -o jsonpath='${held}')"`;
}
