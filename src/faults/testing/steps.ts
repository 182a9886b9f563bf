import { FaultlineError } from '../../model/errors.ts';
import type { FaultKind, FaultPlan } from '../../model/fault.ts';
import type { FaultBlock } from '../../model/scenario.ts';
import { blockOf } from './conformance/stage.ts';
import type { FakeCluster } from './fake-cluster.ts';
import { fakeContext } from './fake-system.ts';
import { expectErrorWords, spoken } from './words.ts';

/** Plans a kind's example with some fields changed; a field that is undefined is left out. */
export function planWith(
  kind: FaultKind,
  cluster: FakeCluster,
  fields: Readonly<Record<string, FaultBlock[string] | undefined>> = {},
  name = 'broken',
): Promise<FaultPlan> {
  const block = Object.entries({ ...blockOf(kind), ...fields }).filter(([, value]) => value !== undefined);
  return spoken(kind).plan({ name, spec: Object.fromEntries(block) as FaultBlock }, fakeContext(cluster));
}

/** Code and message of the error that a step rejects with; `none` when it does not. */
export async function errorOf(step: Promise<unknown> | undefined): Promise<string> {
  try {
    await step;
    return 'none';
  } catch (error) {
    if (error instanceof FaultlineError) expectErrorWords(error);
    return error instanceof FaultlineError ? `${error.code}: ${error.message} (${error.hint ?? ''})` : String(error);
  }
}
