import { expect } from 'chai';
import { parseScript, type Word } from '../../../sandbox/shell/parse.ts';

const textOf = (word: Word): string => word.map((part) => (part.kind === 'text' ? part.text : '')).join('');

/** The verbs of kubectl that are printed, and what must follow them. */
const VERBS = new Set([
  'patch',
  'label',
  'annotate',
  'delete',
  'get',
  'create',
  'rollout',
  'exec',
  'scale',
  'describe',
]);

/** The undo of a hook is its own program, in its folder: whoever is elsewhere is told to run that. */
const HOOK_UNDO = 'cd /drills && off';

/** Throws where a printed command is no command that a shell, and then kubectl or faultline, can read. */
export function expectParses(command: string): void {
  if (command === HOOK_UNDO) return;
  const chains = parseScript(command).map(({ chain }) => chain);
  expect(chains, command).to.not.deep.equal([]);
  for (const one of chains.flat()) {
    const words = one.command.words.map(textOf);
    const [program] = words;
    expect(program, command).to.be.oneOf(['kubectl', 'faultline']);
    if (program === 'faultline') {
      expect(command).to.match(/^faultline recover --run \S+( --accept-current --only \S+)?$/);
      continue;
    }
    expect(
      words.some((word) => VERBS.has(word)),
      `${command}: a verb`,
    ).to.equal(true);
    const patch = words.indexOf('-p');
    if (patch >= 0) expect(() => JSON.parse(words[patch + 1] ?? ''), `${command}: its patch`).to.not.throw();
  }
}
