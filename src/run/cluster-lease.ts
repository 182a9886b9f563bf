import { type ErrorCode, FaultlineError, messageOf } from '../model/errors.ts';
import type { Clock, Cluster } from '../model/ports.ts';
import type { Micros, Millis } from '../model/units.ts';
import { BEAT_MS, Beats, type Moment, momentOf } from './beats.ts';
import { refuseFrozen } from './freeze.ts';
import { heldHint } from './holder.ts';
import {
  clearLease,
  describeLease,
  isSameRecord,
  LEASE_LASTS_MS,
  LeaseNowhere,
  type LeaseRecord,
  readLease,
  writeLease,
} from './lease-record.ts';
import { deleteLeaseCommand, freezeCommand } from './lock-objects.ts';

/** How old the last acknowledged renewal is when the next one is made. */
const RENEW_MS: Millis = 15_000;
/** How often the holder looks whether it still is one, and whether the cluster is frozen. */
const LOOK_MS: Millis = 5_000;
/**
 * How old the last look that found us as the holder may be when a write begins without another one: the next look is long over then,
 * unless the process was stopped, or the API is slow.
 */
const SEEN_MS: Millis = 2 * LOOK_MS;
/** How often a lease that somebody else holds is looked at. */
const WATCH_MS: Millis = 2_000;
/**
 * How old the last acknowledged renewal may be when a write begins: the lease lasts 60 s, and a request has ended, with
 * or without an answer, 15 s after it began.
 */
const WRITE_MS: Millis = 45_000;
/** After these nothing is injected any more, whatever comes later. */
const FINAL: readonly ErrorCode[] = ['LEASE_LOST', 'FROZEN'];
/** How often taking a lease, or renewing one for an undo, is tried when others write to it at the same moment. */
const TRIES = 5;

type Taking = {
  readonly stop: AbortSignal;
  readonly onWatch: (text: string) => void;
  readonly canBeNowhere?: boolean;
};

/** A lease as it was first seen, and when. */
type Watched = { readonly record: LeaseRecord; readonly at: Micros };

/**
 * The lease of one cluster, as one run or recovery holds it. Who holds it alone writes to the cluster. How old it is,
 * our own monotonic clock tells, or the wall clock where that has gone further: a machine that was suspended.
 */
export class ClusterLease {
  readonly #cluster: Cluster;
  readonly #namespace: string;
  readonly #holder: string;
  readonly #clock: Clock;
  readonly #done = new AbortController();
  readonly #beats: Beats;
  #renewed: Moment | undefined;
  #renewedBeat = 0;
  /** When the last look was sent that found us as the holder. */
  #seen: Moment | undefined;
  /** What the API server has said to the last look since the renewal that it has not granted, or has not said. */
  #problem: string | undefined;
  /** Its namespace was looked for twice, and was gone each time. */
  #isNowhere = false;
  #contact: Micros | undefined;

  /** `holder` must be nobody else's, ever. */
  constructor(cluster: Cluster, namespace: string, holder: string, clock: Clock) {
    this.#cluster = cluster;
    this.#namespace = namespace;
    this.#holder = holder;
    this.#clock = clock;
    this.#beats = new Beats(clock);
  }

  /**
   * Takes the lease: at once where nobody holds it, and else only after it was silent for as long as it lasts, watched
   * by our own clock from the first look on. Rejects with LEASE_HELD when its holder lives. `onWatch` hears once of one
   * who may be dead; `stop` ends that wait: resolves to false, and nothing is taken then. Where the namespace of the lease is gone, whoever held it
   * cannot renew it: with `canBeNowhere`, what is gone for as long as a lease lasts counts as taken. Rejects with a LeaseNowhere without.
   */
  async take({ stop, onWatch, canBeNowhere = false }: Taking): Promise<boolean> {
    let watched: Watched | undefined;
    for (;;) {
      const asked = this.#clock.now();
      const record = await readLease(this.#cluster, this.#namespace);
      if (this.#isFree(record) || this.#isSilent(record, watched, asked)) {
        if (await this.#write(record).catch((error) => this.#waitOut(error, canBeNowhere, { stop, onWatch })))
          return true;
        if (stop.aborted) return false;
        continue;
      }
      if (stop.aborted) return false;
      if (watched === undefined) {
        watched = { record, at: this.#clock.now() };
        const until = `looking for up to ${LEASE_LASTS_MS / 1000} s whether it lives`;
        const sooner = `whoever knows that it is dead saves that time: ${deleteLeaseCommand(this.#namespace, this.#cluster)}`;
        onWatch(`cluster ${this.#cluster.name}: ${describeLease(record)}; ${until}; ${sooner}`);
      }
      await this.#clock.sleep(WATCH_MS, stop);
    }
  }

  /** Resolves to true when it was gone before that wait already. */
  async #waitOut(error: unknown, canBeNowhere: boolean, { stop, onWatch }: Taking): Promise<boolean> {
    if (!(error instanceof LeaseNowhere && canBeNowhere)) throw error;
    if (this.#isNowhere) return true;
    this.#isNowhere = true;
    const why = `who held it may write for ${LEASE_LASTS_MS / 1000} s more: waiting that out`;
    onWatch(`${error.message}; nobody can hold it meanwhile, and ${why}`);
    await this.#clock.sleep(LEASE_LASTS_MS, stop);
    return false;
  }

  /** Throws LEASE_HELD when its holder has given a sign of life. */
  #isSilent(record: LeaseRecord, watched: Watched | undefined, asked: Micros): boolean {
    if (watched === undefined) return false;
    if (!isSameRecord(record, watched.record)) throw this.#held(record);
    return (asked - watched.at) / 1000 >= LEASE_LASTS_MS;
  }

  #isFree({ holder }: LeaseRecord): boolean {
    return holder === undefined || holder === this.#holder;
  }

  /** When the API has last answered, on the clock's own scale; undefined before it was first looked at. */
  get contact(): Micros | undefined {
    return this.#contact;
  }

  /** Goes on renewing until `release`. `onLost` hears why nothing may be injected any more, maybe more than once. */
  keep(onLost: (error: FaultlineError) => void): void {
    void this.#renewing(onLost);
    void this.#expiring(onLost);
  }

  /**
   * Looks again where the last look is too long ago: who wakes up hears then that somebody else has the cluster, before anything is
   * written. Rejects with LEASE_LOST then; what does not answer says nothing, and leaves it to the age of the lease.
   */
  async confirm(): Promise<void> {
    if (this.#sinceMs(this.#seen) <= SEEN_MS) return;
    await this.#sight().catch((error: unknown) => {
      if (error instanceof FaultlineError && error.code === 'LEASE_LOST') throw error;
    });
  }

  /** Throws LEASE_LOST unless a write may begin now. */
  requireFresh(): void {
    if (this.#ageMs() <= WRITE_MS) return;
    const { at } = this.#renewed ?? { at: Number.NEGATIVE_INFINITY };
    // By the wall clock alone it is old, where that has gone further than time has.
    const is = (this.#clock.now() - at) / 1000 > WRITE_MS ? 'was' : 'counts as';
    const known = [this.#beats.gapAfter(this.#renewedBeat), this.#problem].filter((one) => one !== undefined);
    const why = known.length === 0 ? 'the API does not answer in time' : known.join('; ');
    throw this.#lost(`the lease ${is} not renewed for ${WRITE_MS / 1000} s (${why})`);
  }

  /**
   * As confirm and requireFresh, and first renews a lease that is too old, or takes it again where nobody has it and `isOpen` says that
   * nobody has recovered meanwhile what is to be undone: an undo must not fail because somebody has deleted the Lease. Where its namespace is gone
   * as well, which is asked twice, nobody can hold it, and a write may begin.
   */
  async refresh(isOpen: () => Promise<boolean>): Promise<void> {
    await this.confirm().catch(() => {});
    for (let tries = 0; this.#ageMs() > WRITE_MS && tries < TRIES; tries++) {
      const record = await readLease(this.#cluster, this.#namespace);
      const isOurs = record.holder === this.#holder;
      // Asked after the read, whose version the write tests: who recovers in between has the lease, and moves it.
      if (!isOurs && !(this.#isFree(record) && (this.#isNowhere || (await isOpen()))))
        throw this.#lost(describeLease(record));
      try {
        await this.#write(record);
        this.#isNowhere = false;
      } catch (error) {
        if (!(error instanceof LeaseNowhere)) throw error;
        if (this.#isNowhere) return;
        this.#isNowhere = true;
        await this.#clock.sleep(WATCH_MS);
      }
    }
    this.requireFresh();
  }

  /** Ends the renewing, and gives the lease back where we hold it: a renewal that is on its way fails its test then. */
  async release(): Promise<void> {
    this.#done.abort();
    for (let tries = 0; tries < TRIES; tries++) {
      const record = await readLease(this.#cluster, this.#namespace);
      if (record.holder !== this.#holder || (await clearLease(this.#cluster, this.#namespace, record))) break;
    }
    this.#renewed = undefined;
  }

  async #renewing(onLost: (error: FaultlineError) => void): Promise<void> {
    const { signal } = this.#done;
    for (;;) {
      await this.#clock.sleep(LOOK_MS, signal);
      if (signal.aborted) return;
      const begun = this.#beats.beat();
      try {
        await this.#look();
        await refuseFrozen(this.#cluster, this.#namespace);
        this.#contact = this.#clock.now();
      } catch (error) {
        this.#heard(error, begun, onLost);
      }
    }
  }

  /** What a look has come to that was begun after that beat. */
  #heard(error: unknown, begun: number, onLost: (error: FaultlineError) => void): void {
    if (isAnswer(error)) this.#contact = this.#clock.now();
    const isFinal = error instanceof FaultlineError && FINAL.includes(error.code);
    // While the process stood still, nobody but itself can have been late.
    if (isFinal || this.#beats.gapAfter(begun) === undefined) this.#problem = messageOf(error);
    if (isFinal) onLost(error);
  }

  /** Tells at the very moment when the lease has become too old, whatever a renewal is waiting for. */
  async #expiring(onLost: (error: FaultlineError) => void): Promise<void> {
    const { signal } = this.#done;
    for (;;) {
      const leftMs = WRITE_MS - this.#ageMs();
      await this.#clock.sleep(Math.min(BEAT_MS, Math.max(1, leftMs + 1)), signal);
      if (signal.aborted) return;
      this.#beats.beat();
      try {
        this.requireFresh();
      } catch (error) {
        return onLost(error as FaultlineError);
      }
    }
  }

  async #look(): Promise<void> {
    const record = await this.#sight();
    if (this.#ageMs() >= RENEW_MS) await this.#write(record);
  }

  /** Rejects with LEASE_LOST when somebody else has taken it, or nobody holds it. */
  async #sight(): Promise<LeaseRecord> {
    const asked = momentOf(this.#clock);
    const record = await readLease(this.#cluster, this.#namespace);
    this.#contact = this.#clock.now();
    if (record.holder !== this.#holder) {
      this.#renewed = undefined;
      throw this.#lost(describeLease(record));
    }
    this.#seen = asked;
    return record;
  }

  /** The age counts from the moment at which the request was sent: the server may have stored it right then. */
  async #write(record: LeaseRecord): Promise<boolean> {
    const beat = this.#beats.beat();
    const sent = momentOf(this.#clock);
    const written = await writeLease(this.#cluster, this.#namespace, record, this.#holder, new Date(sent.wall));
    if (!written) return false;
    this.#renewed = this.#seen = sent;
    this.#renewedBeat = beat;
    this.#problem = undefined;
    return true;
  }

  #ageMs(): Millis {
    return this.#sinceMs(this.#renewed);
  }

  #sinceMs(moment: Moment | undefined): Millis {
    if (moment === undefined) return Number.POSITIVE_INFINITY;
    const now = momentOf(this.#clock);
    return Math.max((now.at - moment.at) / 1000, now.wall - moment.wall);
  }

  #lost(why: string): FaultlineError {
    return new FaultlineError(
      'LEASE_LOST',
      `cluster ${this.#cluster.name}: this run does not hold it any more: ${why}`,
    );
  }

  #held(record: LeaseRecord): FaultlineError {
    return new FaultlineError('LEASE_HELD', `cluster ${this.#cluster.name}: ${describeLease(record)}, and lives`, {
      hint: heldHint(record.holder, 'Wait for its end', freezeCommand(this.#namespace, this.#cluster)),
    });
  }
}

/** What an API server itself has said, and no proxy or load balancer in its place: those answer with 5xx or in HTML. */
function isAnswer(error: unknown): boolean {
  return error instanceof FaultlineError && !['TARGET_UNREACHABLE', 'TARGET_MISMATCH', 'KUBE_API'].includes(error.code);
}
