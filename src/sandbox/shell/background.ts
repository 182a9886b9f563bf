import type { Machine } from './machine.ts';

const ENDLESS = /^(.*\/)?dd$/;
/** What tail keeps of an endless line until its input ends. */
const HELD = /^\(head -c (\d+) \/dev\/zero; sleep \d+\) \| tail\b/;

/**
 * Begins what a shell starts in the background: a sleep, or under `timeout` a copy without an end or a pipe that holds
 * memory. Returns what ends it; undefined for anything else, which is not known here.
 */
export function beginIn({ use, onHeld }: Machine, words: readonly string[]): (() => void) | undefined {
  const [program, , inner = '', flag, script = ''] = words;
  if (program === 'sleep') return () => {};
  if (program !== 'timeout') return undefined;
  if (ENDLESS.test(inner)) return use.occupy();
  const bytes = Number(inner === 'sh' && flag === '-c' ? HELD.exec(script)?.[1] : Number.NaN);
  if (Number.isNaN(bytes)) return undefined;
  const release = use.hold(bytes);
  onHeld(use.bytes);
  return release;
}
