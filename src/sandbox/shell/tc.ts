import type { Queues } from '../nodes/packet-filter.ts';
import type { CommandResult } from './command.ts';

const failed = (code: number, why: string): CommandResult => ({ code, output: '', error: `Error: ${why}\n` });
const DONE: CommandResult = { code: 0, output: '', error: '' };

/**
 * The part of tc that the sandbox knows, on the one interface of a pod: a queue of bands at its root, one below it whose
 * packets wait, and the removal of the root by its handle. Anything else is refused.
 */
export function tc(queues: Queues, args: readonly string[]): CommandResult {
  const [object, command, , device, ...rest] = args;
  if (object !== 'qdisc' || device !== 'eth0') return failed(1, `"${args.join(' ')}" is not known here.`);
  const [place, ...more] = rest;
  if (command === 'del' && place === 'root' && more[0] === 'handle') return remove(queues, more[1] ?? '');
  if (command !== 'add') return failed(2, `"${command}" is not known here.`);
  if (place === 'root' && more[0] === 'handle' && more[2] === 'prio') {
    if (queues.root !== undefined) return failed(2, 'Exclusivity flag on, cannot modify.');
    queues.root = more[1];
    return DONE;
  }
  const [parent = '', , , kind, what, wait = ''] = more;
  const ms = /^(\d+(?:\.\d+)?)ms$/.exec(wait)?.[1];
  if (place !== 'parent' || kind !== 'netem' || what !== 'delay' || ms === undefined) {
    return failed(2, 'Specified qdisc kind is unknown.');
  }
  if (!parent.startsWith(queues.root ?? '?')) return failed(2, 'Failed to find specified qdisc.');
  queues.waitMs.set(parent, Number(ms));
  return DONE;
}

function remove(queues: Queues, handle: string): CommandResult {
  if (queues.root !== handle) return failed(2, 'Invalid handle.');
  queues.root = undefined;
  queues.waitMs.clear();
  return DONE;
}
