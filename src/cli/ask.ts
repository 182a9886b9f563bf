import { createInterface } from 'node:readline';

/**
 * Asks and resolves to whether the answer was yes. Anything else is a no: another word, Ctrl-C, Ctrl-D, an input that
 * ends, and a stop. Ctrl-C is given to the process as the signal that it is, since a terminal that is asked reads it as a key.
 */
export function askYes(
  question: string,
  stop: AbortSignal,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Promise<boolean> {
  if (stop.aborted) return Promise.resolve(false);
  const lines = createInterface({ input, output });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const end = () => lines.close();
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  lines.on('close', () => resolve(false));
  stop.addEventListener('abort', end, { once: true });
  lines.question(question, (answer) => resolve(answer.trim() === 'yes'));
  return promise.finally(() => {
    stop.removeEventListener('abort', end);
    lines.close();
  });
}
