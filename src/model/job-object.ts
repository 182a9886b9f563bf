import type { KubeObject } from './kubernetes.ts';

/** The part of a Job that faultline reads (batch/v1). */
type Job = {
  readonly suspend?: boolean;
  readonly parallelism?: number;
  readonly activeDeadlineSeconds?: number;
  readonly ttlSecondsAfterFinished?: number;
  readonly managedBy?: string;
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
};

/** What a Job asks for and what its controller says of it. */
export function readJob({ spec, status }: KubeObject): Job {
  return { ...(spec as Job | undefined), ...(status as Job | undefined) };
}

/** Why nothing comes of a Job any more, whatever it was made for: words that follow its name. Undefined where something does. */
export function whyJobIsOver(found: KubeObject | undefined): string | undefined {
  if (found === undefined || found.metadata.deletionTimestamp !== undefined) return 'was deleted';
  const { suspend, conditions = [] } = readJob(found);
  if (suspend === true) return 'is suspended';
  const ended = conditions.find(({ type, status }) => ['Failed', 'Complete'].includes(type) && status === 'True');
  return ended === undefined ? undefined : `has ended (${ended.type})`;
}
