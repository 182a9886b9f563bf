import { FaultlineError } from '../../model/errors.ts';

/** What a request is refused with; throws where it is not, or not as people are told. */
export async function failure(promise: Promise<unknown>): Promise<FaultlineError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof FaultlineError) return error;
  throw new Error(`it was to fail as people are told: ${String(error)}`);
}
