import { shellQuoted } from './shell.ts';

/**
 * A command for people with the context of its cluster in every kubectl of it: nobody's current context is known, and
 * pasted into the wrong cluster a command that mends one breaks another. A command of something else stays as it is.
 */
export function inContext(command: string, { context }: { readonly context?: string }): string {
  if (context === undefined) return command;
  return command.replace(
    /(^|&& )kubectl (?!--context )/g,
    (_, before: string) => `${before}kubectl --context ${shellQuoted(context)} `,
  );
}

/** A patch in a command of kubectl: a list is a JSON patch, anything else a strategic merge patch. */
export function patchText(at: string, patch: string): string {
  const type = patch.startsWith('[') ? '--type=json ' : '';
  return `patch ${at} ${type}-p '${patch.replaceAll("'", "'\\''")}'`;
}
