/** What the system says where this machine has run out of something: open files, memory, ports. It may have it again. */
const RAN_OUT: readonly unknown[] = ['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS', 'EAGAIN', 'EADDRNOTAVAIL'];
/** The same, and what it forbids. */
const OWN: readonly unknown[] = [...RAN_OUT, 'EACCES', 'EPERM', 'EAI_MEMORY', 'EAI_SYSTEM'];

/** Whether something was not done since this machine had run out of something for a while. */
export function hasRunOut(error: unknown): boolean {
  return isFor(RAN_OUT, error);
}

/** Whether an error is of this machine: it says nothing of a cluster that could not be asked. */
export function isOwnTrouble(error: unknown): boolean {
  return isFor(OWN, error);
}

function isFor(codes: readonly unknown[], error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return codes.includes((error as NodeJS.ErrnoException).code) || isFor(codes, error.cause);
}

/** For what may fail as a cluster that is gone does: throws what says nothing of that. */
export function unlessOwnTrouble(error: unknown): undefined {
  if (isOwnTrouble(error)) throw error;
  return undefined;
}
