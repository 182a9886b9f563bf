/**
 * Waits for all of them, whatever happens, so that nothing goes on behind the back of who cleans up: the first to fail
 * stops the others, and its error is the one that rejects.
 */
export async function together<T>(stop: AbortController, tasks: readonly Promise<T>[]): Promise<T[]> {
  const errors: unknown[] = [];
  const done: T[] = [];
  const watched = tasks.map(async (task, index) => {
    try {
      done[index] = await task;
    } catch (error) {
      errors.push(error);
      stop.abort(error);
    }
  });
  await Promise.all(watched);
  for (const error of errors) throw error;
  return done;
}
