import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

const SRC = import.meta.dirname;

/** Whose texts are put in context where they are taken over: plan, inject and undo of a fault, findings of lint, and doctor's of a gateway. */
const TAKEN_OVER = /^(?:faults|lint\/rules)\/|^app\/doctor\/check-gateway\.ts$/;
const APART = /^(?:sandbox|lab|contract)\/|\/testing\/|\.(?:\w*test|check|bench)\.ts$/;
/** The beginning of a command in a text of the program. */
const COMMAND = /['"`](?:[^'"`\n]*[^\w'"`\n])?kubectl (?:-|[a-z]+ (?:-|[a-z$]))/;

/** Those that delete, but for a word of `kubectl auth can-i` or of a sentence. */
const DELETE = /['"`](?:[^'"`\n]*[^\w'"`\n])?kubectl [^'"`\n]*?\bdelete [^`'"\n]*/g;

it('no command that deletes waits for whoever holds the object', () => {
  const waiting = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).flatMap((file) => {
    if (!file.endsWith('.ts') || APART.test(file)) return [];
    return (codeOf(file).match(DELETE) ?? []).filter((one) => !one.includes(' --wait=false'));
  });
  expect(waiting).to.deep.equal([]);
});

/** A command without the context and kubeconfig of its cluster is one for whatever cluster its reader works on. */
it('whatever tells people a command of kubectl says for which cluster', () => {
  const found = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => {
    if (!file.endsWith('.ts') || APART.test(file) || TAKEN_OVER.test(file)) return false;
    const code = codeOf(file);
    return COMMAND.test(code) && !/\b(?:inContext|kubectlFor)\(/.test(code);
  });
  expect(found).to.deep.equal([]);
});

/** Without its comments. */
function codeOf(file: string): string {
  return readFileSync(join(SRC, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
}
