import type { EffectProof, FaultContext } from '../../model/fault.ts';
import { KINDS } from '../../model/kubernetes.ts';
import type { PlanOf } from '../define.ts';
import { poll, unproven } from '../poll.ts';
import type { KillData } from './victims.ts';

/** Longest wait for the victims to go. */
const LIMIT_MS = 60_000;

/** The victims of the first round are gone or on their way out, by UID. */
export async function prove({ data }: PlanOf<KillData>, context: FaultContext): Promise<EffectProof> {
  const uids = new Set(data.first.map((victim) => victim.uid));
  const look = async (): Promise<EffectProof | undefined> => {
    const at = context.now();
    const lists = data.namespaces.map((namespace) => context.cluster.list(KINDS.pod, { namespace }));
    const left = (await Promise.all(lists))
      .flat()
      .filter(({ metadata }) => uids.has(metadata.uid ?? '') && metadata.deletionTimestamp === undefined);
    if (left.length > 0) return undefined;
    const detail = `${uids.size} killed pod${uids.size > 1 ? 's are' : ' is'} gone from the API, by UID`;
    return { proven: true, observed: true, detail, effective: at };
  };
  return (await poll(context, LIMIT_MS, look)) ?? unproven(`killed pods were still there after ${LIMIT_MS / 1000} s`);
}
