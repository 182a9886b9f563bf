import { assemble, INSIDES, type Sandbox, type SandboxOptions } from './assemble.ts';

/** Starts a sandbox and resolves when every workload is ready and every caller sees every endpoint. */
export function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  return assemble(options, INSIDES);
}
