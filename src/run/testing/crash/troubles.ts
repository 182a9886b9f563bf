import { alteredCluster } from '../../../faults/altered-cluster.ts';
import { apiError } from '../../../kube/api-error.ts';
import { FaultlineError } from '../../../model/errors.ts';
import type { Clock, Cluster, Outside, Random } from '../../../model/ports.ts';
import { pauseAfter } from '../../../model/retry.ts';

/** A request as it is sent, and how it is done. */
type Sent<T> = {
  readonly isWrite: boolean;
  readonly method: string;
  readonly clock: Clock;
  readonly act: () => Promise<T>;
};

/** One way in which a request goes wrong: its answer, or what it rejects with. */
export type Trouble = { readonly what: string; readonly answer: <T>(sent: Sent<T>) => Promise<T> };

/** How long a client waits for an answer (src/kube/rest.ts), and for that of a read, which it repeats four times. */
const WRITE_MS = 15_000;
const READ_TRIES = 4;
const READ_MS = (1 + READ_TRIES) * WRITE_MS + 2_000;

const SLOWEST_MS = 3_000;

const lost = () => new FaultlineError('TARGET_UNREACHABLE', 'no answer');
const ignored = () => {};

const refused = (status: number, text = 'no', retryAfter?: string): Trouble => ({
  what: `${status} ${text}`,
  answer: async ({ method, isWrite, clock }) => {
    const error = apiError('tokyo', { method, what: 'a request' }, { status, text, retryAfter });
    // A write is sent once: who has sent it decides.
    if (!isWrite) await clock.sleep(READ_TRIES * pauseAfter(error, 0));
    throw error;
  },
});

/** A success of something on the way that is no API server: a client takes it as the answer where it looks for none. */
const other = (what: string): Trouble => ({
  what,
  answer: async <T>({ method }: Sent<T>) => {
    if (method === 'DELETE') return undefined as T;
    throw new FaultlineError('KUBE_API', `the answer is no object: ${what}`);
  },
});

const afterwards = (what: string, waitMs: number, act: <T>(sent: Sent<T>) => unknown): Trouble => ({
  what,
  answer: async (sent) => {
    await act(sent);
    await sent.clock.sleep(waitMs);
    throw lost();
  },
});

/** A request that nobody answers. */
export const HANG: Trouble = {
  what: 'it hangs until the client gives up',
  answer: async ({ clock, isWrite }) => {
    await clock.sleep(isWrite ? WRITE_MS : READ_MS);
    throw lost();
  },
};

/** An answer that says that it was not done, though it was, or will be. */
const doneAnd = (status: number): Trouble => ({
  what: `${status} of what was done`,
  answer: async ({ method, act }) => {
    await act().catch(ignored);
    throw apiError('tokyo', { method, what: 'a request' }, { status, text: 'timeout' });
  },
});

/** Nobody hears of it before it is done: what is undone too early comes back. */
export const LATE: Trouble = afterwards(
  'done 20 s later',
  WRITE_MS,
  ({ act, clock }) => void clock.sleep(20_000).then(() => act().catch(ignored)),
);

/** What an API server, the network and what lies between them do to one request. */
export const TROUBLES: readonly Trouble[] = [
  ...[401, 403, 409, 422, 429, 500, 503, 504].map((status) => refused(status)),
  refused(429, 'with Retry-After: 3', '3'),
  refused(429, 'with Retry-After: 86400', '86400'),
  refused(503, '<html><body>Service Unavailable</body></html>'),
  doneAnd(500),
  doneAnd(504),
  afterwards('reset before it was done', 0, ignored),
  afterwards('reset after it was done', 0, ({ act }) => act().catch(ignored)),
  LATE,
  HANG,
  other('200 <html> or {}'),
];

/** Two to five troubles in a row: one that goes on, or one after the other. */
export function seriesOf(random: Random): Trouble[] {
  const any = () => TROUBLES[Math.floor(random() * TROUBLES.length)] as Trouble;
  const first = any();
  const isSame = random() < 0.5;
  return Array.from({ length: 2 + Math.floor(random() * 4) }, () => (isSame ? first : any()));
}

/** A client whose requests from the n-th on, whichever cluster they go to, meet one trouble each. */
export class TroubledClient {
  /** Whether each request so far was a write. */
  readonly sent: boolean[] = [];
  readonly #at: number;
  readonly #troubles: readonly Trouble[];
  readonly #clock: Clock;
  readonly #luck: Random | undefined;

  /** With `luck` every other request takes up to three seconds. */
  constructor(clock: Clock, troubles: readonly Trouble[], at: number, luck?: Random) {
    this.#luck = luck;
    this.#clock = clock;
    this.#troubles = troubles;
    this.#at = at;
  }

  reach(cluster: Cluster): Cluster {
    return alteredCluster(cluster, {
      get: (ref) => this.#send('GET', () => cluster.get(ref)),
      list: (kind, filter) => this.#send('GET', () => cluster.list(kind, filter)),
      create: (object, options) => this.#send('POST', () => cluster.create(object, options)),
      patch: (ref, ops, options) => this.#send('PATCH', () => cluster.patch(ref, ops, options)),
      delete: (ref, options) => this.#send('DELETE', () => cluster.delete(ref, options)),
      exec: (where, command) => this.#send('EXEC', () => cluster.exec(where, command)),
    });
  }

  /** What hooks reach: what fails there has been done, or has not. */
  outside(outside: Outside): Outside {
    return {
      ...outside,
      act: async (...args) => {
        if (this.#next(true) === undefined) return outside.act(...args);
        if (this.sent.length % 2 === 0) await outside.act(...args);
        throw new FaultlineError('HOOK', 'it has failed');
      },
    };
  }

  async #send<T>(method: string, act: () => Promise<T>): Promise<T> {
    const isWrite = method !== 'GET';
    const trouble = this.#next(isWrite);
    if (trouble !== undefined) return trouble.answer({ method, isWrite, clock: this.#clock, act });
    if (this.#luck !== undefined) await this.#clock.sleep(this.#luck() * SLOWEST_MS);
    return act();
  }

  #next(isWrite: boolean): Trouble | undefined {
    this.sent.push(isWrite);
    return this.#troubles[this.sent.length - this.#at];
  }
}
