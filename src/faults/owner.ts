import { FaultlineError } from '../model/errors.ts';

/** How a block names the workload whose pods are meant. */
type OwnerBlock = {
  readonly deployment?: string;
  readonly statefulSet?: string;
  readonly daemonSet?: string;
  readonly rollout?: string;
};

/** The workload that a block names, as `Kind/name`; null where it names none. Throws FAULT_NO_TARGET where it names two. */
export function ownerIn(where: string, { deployment, statefulSet, daemonSet, rollout }: OwnerBlock): string | null {
  const workloads = { Deployment: deployment, StatefulSet: statefulSet, DaemonSet: daemonSet, Rollout: rollout };
  const named = Object.entries(workloads).filter(([, name]) => name !== undefined);
  const [owner, other] = named;
  if (owner === undefined) return null;
  if (other === undefined) return `${owner[0]}/${owner[1]}`;
  const what = `${where} names ${owner[0]} and ${other[0]}: a pod belongs to one workload`;
  throw new FaultlineError('FAULT_NO_TARGET', what, { hint: 'Write one fault for each workload.' });
}
