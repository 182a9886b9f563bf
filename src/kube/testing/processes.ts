import { setTimeout } from 'node:timers/promises';

/** Whether a process is there, and is no zombie that nobody has buried. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits until something holds; whoever waits in vain is ended by the limit of the spec. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holdsNow(holds)) await setTimeout(10);
}

function holdsNow(holds: () => boolean): boolean {
  try {
    return holds();
  } catch {
    // What it looks at is not there yet.
    return false;
  }
}
