/**
 * Waits until all of this work has ended, one way or the other, and only then rejects with the first error: when a step
 * of a fault is over, nothing of it may still be written, or an undo would come too early.
 */
export async function endAll<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const ends = await Promise.allSettled(work);
  return ends.map((end) => {
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  });
}
