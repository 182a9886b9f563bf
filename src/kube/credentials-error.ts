import { FaultlineError } from '../model/errors.ts';

/** No credentials could be had, so that nobody was asked: it says nothing of the cluster that they are for. */
export class CredentialsError extends FaultlineError {
  constructor(message: string, options: ConstructorParameters<typeof FaultlineError>[2]) {
    super('TARGET_UNREACHABLE', message, options);
  }
}
