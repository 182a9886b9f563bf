/** What the system says where this machine has run out of something, or forbids it: open files, memory, ports, rights. */
const OWN: readonly unknown[] = [
  ...['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS', 'EAGAIN', 'EADDRNOTAVAIL'],
  ...['EACCES', 'EPERM', 'EAI_MEMORY', 'EAI_SYSTEM'],
];

/** Whether an error is of this machine: it says nothing of a cluster that could not be asked. */
export function isOwnTrouble(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return OWN.includes((error as NodeJS.ErrnoException).code) || isOwnTrouble(error.cause);
}

/** For what may fail as a cluster that is gone does: throws what says nothing of that. */
export function unlessOwnTrouble(error: unknown): undefined {
  if (isOwnTrouble(error)) throw error;
  return undefined;
}
