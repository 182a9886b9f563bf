import { createInterface } from 'node:readline';

/** Where a question is written, where its answer is read, and what ends the waiting. */
export type Terminal = {
  readonly stop: AbortSignal;
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
};

/**
 * Asks and resolves to whether the answer was yes. Anything else is a no: another word, Ctrl-C, Ctrl-D, an input that
 * ends, and a stop.
 */
export async function askYes(question: string, terminal: Terminal): Promise<boolean> {
  return (await askLine(question, terminal)) === 'yes';
}

/**
 * Asks for some of a list, by their numbers or as they are written, separated by commas, until the answer is of the list.
 * Nothing but Enter is the first one. Resolves to undefined where no answer comes.
 */
export async function askWhich(
  question: string,
  choices: readonly string[],
  terminal: Terminal,
): Promise<readonly string[] | undefined> {
  const list = choices.map((choice, index) => `  ${index + 1}) ${choice}\n`).join('');
  for (let prompt = `${question}\n${list}[1] `; ; prompt = `Numbers from 1 to ${choices.length}: `) {
    const line = await askLine(prompt, terminal);
    if (line === undefined) return undefined;
    const chosen = (line === '' ? '1' : line).split(',').map((word) => chosenBy(word.trim(), choices));
    if (!chosen.includes(undefined)) return [...new Set(chosen.filter((choice) => choice !== undefined))];
  }
}

function chosenBy(word: string, choices: readonly string[]): string | undefined {
  return choices.includes(word) ? word : choices[Number(word) - 1];
}

/**
 * The answer in one line, without space around it; undefined for Ctrl-C, Ctrl-D, an input that ends, and a stop. Ctrl-C is
 * given to the process as the signal that it is, since a terminal that is asked reads it as a key.
 */
function askLine(question: string, { stop, input, output }: Terminal): Promise<string | undefined> {
  if (stop.aborted) return Promise.resolve(undefined);
  const lines = createInterface({ input, output });
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const end = () => lines.close();
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  lines.on('close', () => resolve(undefined));
  stop.addEventListener('abort', end, { once: true });
  lines.question(question, (answer) => resolve(answer.trim()));
  return promise.finally(() => {
    stop.removeEventListener('abort', end);
    lines.close();
  });
}
