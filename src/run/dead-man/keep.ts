import { FaultlineError, messageOf } from '../../model/errors.ts';
import { readJob, whyJobIsOver } from '../../model/job-object.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { Clock, Cluster, HistoryWriter } from '../../model/ports.ts';
import type { Millis } from '../../model/units.ts';
import type { StopReason } from '../stop.ts';
import type { OpenFault } from '../undo-stack.ts';
import { armedPods } from './arm.ts';

/** How often a run looks at its dead-men: as often as at its leases. */
const LOOK_MS: Millis = 5_000;
/** How long it may be without a pod that is armed: one that is evicted has its successor by then. */
const UNARMED_MS: Millis = 60_000;

type Ports = { readonly clock: Clock; readonly history: HistoryWriter };

/**
 * The dead-men of a run, once they are armed, and the expiries of its faults, once they are on. A run without the one that it was promised ends, undone: nothing would put its faults
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
    const { namespace, name } = job.metadata;
    const what = `cluster ${cluster.name}: the dead-man is lost: Job ${namespace}/${name}`;
    void this.#looking(
      () => look(cluster, job),
      (why) => `${what} ${why}; nothing would put the faults back if this run died`,
    );
  }

  /** Looks from now on whether its cluster would still end a fault by itself, where one does: its expiry is a dead-man as well. */
  keepExpiry({ kind, plan, context }: Pick<OpenFault, 'kind' | 'plan' | 'context'>): void {
    const { whyEndless } = kind;
    if (whyEndless === undefined) return;
    void this.#looking(
      async () => {
        const why = await whyEndless(plan, context);
        return why === undefined ? { state: 'armed' } : { state: 'lost', why };
      },
      (why) =>
        `cluster ${plan.cluster}: the expiry of fault ${plan.fault} is lost: ${why}; it would stay on if this run died`,
    );
  }

  /** Ends the looking: what the undo takes away is no loss. */
  end(): void {
    this.#done.abort();
  }

  async #looking(ask: () => Promise<Seen>, wordsFor: (why: string) => string): Promise<void> {
    const { signal } = this.#done;
    const { clock } = this.#ports;
    let unarmedAt: number | undefined;
    for (;;) {
      await clock.sleep(LOOK_MS, signal);
      if (signal.aborted) return;
      const seen = await ask().catch(whyBlind);
      if (signal.aborted) return;
      if (seen.state === 'armed') unarmedAt = undefined;
      else if (seen.state === 'unarmed') unarmedAt ??= clock.now();
      const isLate = unarmedAt !== undefined && (clock.now() - unarmedAt) / 1000 >= UNARMED_MS;
      const why =
        isLate && seen.state === 'unarmed' ? `has had no pod that is armed for ${UNARMED_MS / 1000} s` : seen.why;
      if (why !== undefined) return this.#onLost(wordsFor(why));
    }
  }

  #onLost(message: string): void {
    this.#ports.history.append({ type: 'notice', level: 'error', text: message });
    this.#lost.abort({ kind: 'dead-man', message } satisfies StopReason);
  }
}

/** How one is. `unknown`: nobody has said. */
type Seen =
  | { readonly state: 'lost'; readonly why: string }
  | { readonly state: 'armed' | 'unarmed' | 'unknown'; readonly why?: undefined };

async function look(cluster: Cluster, job: KubeObject): Promise<Seen> {
  const { namespace = '', name = '' } = job.metadata;
  const why = whyLost(job, await cluster.get({ ...KINDS.job, namespace, name }));
  if (why !== undefined) return { state: 'lost', why };
  const { armed } = await armedPods(cluster, job);
  return { state: armed ? 'armed' : 'unarmed' };
}

/** Why the Job will make no pod any more; undefined where it will. */
function whyLost({ metadata: { uid } }: KubeObject, found: KubeObject | undefined): string | undefined {
  const isIt = found?.metadata.uid === uid;
  const over = whyJobIsOver(isIt ? found : undefined);
  if (over !== undefined || found === undefined) return over;
  const { parallelism = 1 } = readJob(found);
  return parallelism < 1 ? `makes no pod (parallelism ${parallelism})` : undefined;
}

/** Only an API server that answers says that nobody may look. */
function whyBlind(error: unknown): Seen {
  const isDenied = error instanceof FaultlineError && error.code === 'PERMISSION_DENIED';
  return isDenied ? { state: 'lost', why: `cannot be looked at: ${messageOf(error)}` } : { state: 'unknown' };
}
