import { FaultlineError, messageOf } from '../../model/errors.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { Clock, Cluster, HistoryWriter } from '../../model/ports.ts';
import type { Millis } from '../../model/units.ts';
import type { StopReason } from '../stop.ts';

/** How often a run looks at its dead-men: as often as at its leases. */
const LOOK_MS: Millis = 5_000;

type Ports = { readonly clock: Clock; readonly history: HistoryWriter };

/**
 * The dead-men of a run, once they are armed. A run without the one that it was promised ends, undone: nothing would put its faults
 * back if it died. That the API does not answer says nothing of them, and is the lease's to notice.
 */
export class DeadMen {
  readonly #ports: Ports;
  readonly #lost = new AbortController();
  readonly #done = new AbortController();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Aborted, with a StopReason, when one of them will not act any more. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Looks at one from now on; `job` is as the API server has stored it. */
  keep(cluster: Cluster, job: KubeObject): void {
    void this.#looking(cluster, job);
  }

  /** Ends the looking: what the undo takes away is no loss. */
  end(): void {
    this.#done.abort();
  }

  async #looking(cluster: Cluster, job: KubeObject): Promise<void> {
    const { signal } = this.#done;
    for (;;) {
      await this.#ports.clock.sleep(LOOK_MS, signal);
      if (signal.aborted) return;
      const why = await look(cluster, job).catch(whyBlind);
      if (signal.aborted) return;
      if (why !== undefined) return this.#onLost(cluster, job, why);
    }
  }

  #onLost(cluster: Cluster, { metadata: { namespace, name } }: KubeObject, why: string): void {
    const what = `cluster ${cluster.name}: the dead-man is lost: Job ${namespace}/${name} ${why}`;
    const message = `${what}; nothing would put the faults back if this run died`;
    this.#ports.history.append({ type: 'notice', level: 'error', text: message });
    this.#lost.abort({ kind: 'dead-man', message } satisfies StopReason);
  }
}

type Job = {
  readonly suspend?: boolean;
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
};

/** Why it will not act any more; undefined where it will. */
async function look(cluster: Cluster, job: KubeObject): Promise<string | undefined> {
  const { namespace = '', name = '', uid } = job.metadata;
  const found = await cluster.get({ ...KINDS.job, namespace, name });
  if (found === undefined) return 'was deleted';
  if (found.metadata.uid !== uid || found.metadata.deletionTimestamp !== undefined) return 'was deleted';
  const { suspend, conditions = [] }: Job = {
    ...(found.spec as Job | undefined),
    ...(found.status as Job | undefined),
  };
  if (suspend === true) return 'is suspended';
  const ended = conditions.find(({ type, status }) => ['Failed', 'Complete'].includes(type) && status === 'True');
  return ended === undefined ? undefined : `has ended (${ended.type})`;
}

/** Only an API server that answers says that nobody may look. */
function whyBlind(error: unknown): string | undefined {
  const isDenied = error instanceof FaultlineError && error.code === 'PERMISSION_DENIED';
  return isDenied ? `cannot be looked at: ${messageOf(error)}` : undefined;
}
