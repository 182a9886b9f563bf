import type { Command } from 'commander';
import { EXIT } from '../../model/exit.ts';
import { complete } from '../complete.ts';
import { localValues } from '../complete-values.ts';
import { SCRIPTS } from '../completion-scripts.ts';
import { openConsole } from '../output.ts';

/** `faultline completion bash|zsh|fish`: a script that asks the faultline of the command line itself at each Tab. */
export async function completion([shell = '']: readonly string[]): Promise<number> {
  openConsole('text').data(SCRIPTS[shell] ?? '');
  return EXIT.pass;
}

/** `faultline complete -- WORDS`: what may come at the end of these words, one a line, with what it is behind a tab. */
export async function completeWords(words: readonly string[], root: Command): Promise<number> {
  const out = words[words.indexOf('--out') + 1];
  const found = await complete(root, words, localValues(words.includes('--out') && out ? out : 'reports'));
  if (found.length > 0)
    openConsole('text').data(found.map(({ value, what }) => [value, ...(what ? [what] : [])].join('\t')).join('\n'));
  return EXIT.pass;
}
