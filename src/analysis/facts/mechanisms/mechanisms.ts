import type { Mechanism } from '../../../model/mechanism.ts';
import type { Span } from '../../timeline/windows.ts';
import type { Counted } from '../counted.ts';
import { type Group, isFailureOfCall } from '../failure-groups.ts';
import { byCounters, byUnanswered, type Shown, unanswered } from './by-counters.ts';
import { byWords } from './by-words.ts';
import { CallingPods, failingOf } from './calling-pods.ts';
import type { Step } from './proxy-rows.ts';
import { SETTINGS } from './settings.ts';
import { OF_NO_HOST, type Words, wordsOf } from './words.ts';

/** Mechanisms of one group that are told, those of most calls first. */
const MOST = 3;

/** Envoy waits up to 10 s for a connection by default, and only then counts that it did not come about. */
const CONNECT_TIMEOUT = 12_000_000;

/** As load/content.ts tells of a call of gRPC that its proxy has ended. */
const GRPC = /^gRPC UNAVAILABLE: (.*)$/s;

const hasFailed = (steps: readonly Step[]): boolean => steps.some(({ failed }) => failed > 0);
const isHanging = (steps: readonly Step[]): boolean =>
  unanswered(steps) > 0 || steps.some(({ refused }) => refused > 0);

/** Says of each group of bad requests how the mesh let them fail; nothing where what was recorded does not tell. */
export class MechanismBook {
  readonly #run: Counted;
  #known: CallingPods | undefined;
  #groups: ReadonlyMap<string, readonly Group[]> | undefined;

  constructor(run: Counted) {
    this.#run = run;
  }

  /** Most runs have no bad request, and many readings. */
  get #pods(): CallingPods {
    this.#known ??= new CallingPods(this.#run);
    return this.#known;
  }

  get #byCaller(): ReadonlyMap<string, readonly Group[]> {
    this.#groups ??= Map.groupBy(
      this.#run.listeners.failures.list(() => true),
      ({ caller }) => caller.id,
    );
    return this.#groups;
  }

  of(group: Group): readonly Mechanism[] {
    if (group.example.error === 'timeout') return this.#givenUp(group);
    return this.#isOfCall(group) ? this.#answered(group) : [];
  }

  #isOfCall(group: Group): boolean {
    return isFailureOfCall(group) || this.#wordsIn(group).size > 0;
  }

  /** What proxies said in the answers of a group; of gRPC it stands in the status message. */
  #wordsIn({ words, text, count }: Group): ReadonlyMap<Words, number> {
    const message = GRPC.exec(this.#run.collector.texts[text] ?? '')?.[1];
    const said = message === undefined ? undefined : wordsOf(message);
    return said === undefined ? words : new Map([[said, count]]);
  }

  /** Of answers: what the words of a proxy say, and what was counted of the calls that some host has failed. */
  #answered(group: Group): readonly Mechanism[] {
    const span = spanOf(group);
    const { rows, isOne, isWhole } = this.#pods.suspects(group.caller);
    const isHeard = isWhole && rows.every((row) => this.#pods.rows.isRead(row, span));
    const heard = rows.filter((row) => this.#pods.rows.isRead(row, span));
    const isTold = group.caller.hop !== undefined;
    const failing = isTold
      ? heard.flatMap((row) => failingOf(row, span, hasFailed))
      : this.#pods.origins(heard, span, hasFailed);
    const failed = failing.reduce((sum, { steps, at }) => sum + sumOf(steps, at), 0);
    const own = new Set(heard);
    const isExact = isOne && isHeard && failing.every(({ row }) => own.has(row));
    const demand = this.#demand(group, span);
    const service = group.caller.callee ?? heard[0]?.service ?? 'what was called';
    const words = byWords(this.#wordsIn(group), group.count, {
      service,
      rows: isHeard ? heard : [],
      failing,
      failed,
      span,
    });
    const ofNoHost = words.reduce((sum, { words: what, calls }) => sum + (OF_NO_HOST.has(what) ? calls : 0), 0);
    const counted = group.count > ofNoHost ? byCounters(this.#run, failing, span) : [];
    const said = new Set(words.map(({ kind }) => kind));
    return told([
      ...words.map((one) => ({ ...one, isCertain: one.isCounted && isExact })),
      ...counted
        .filter(({ kind }) => !said.has(kind))
        .map((one) => ({ ...one, isCertain: isExact && failed >= demand })),
    ]);
  }

  /** Of requests that were given up without an answer: the calls that hung, in whichever proxy they did. */
  #givenUp(group: Group): readonly Mechanism[] {
    const span = { from: group.first, to: group.until + CONNECT_TIMEOUT };
    const { rows } = this.#pods.suspects(group.caller);
    const isRefusing = [...this.#byCaller.values()].flat().some((one) => this.#isOfCall(one) && isIn(one, span));
    const shown = byUnanswered(this.#pods.origins(rows, span, isHanging), group, isRefusing);
    return told(shown.map((one) => ({ ...one, isCertain: false })));
  }

  /** Failed calls that the groups of a caller ask for, in a span that another one's may overlap. */
  #demand({ caller }: Group, span: Span): number {
    const groups = this.#byCaller.get(caller.id) ?? [];
    return groups.filter((one) => this.#isOfCall(one) && isIn(one, span)).reduce((sum, { count }) => sum + count, 0);
  }
}

const isIn = ({ first, until }: Group, { from, to }: Span): boolean => first <= to && until >= from;

const spanOf = ({ first, until }: Group): Span => ({ from: first, to: until });

const sumOf = (steps: readonly Step[], at: readonly number[]): number =>
  at.reduce((sum, i) => sum + (steps[i] as Step).failed, 0);

function told(all: readonly (Shown & { readonly isCertain: boolean })[]): readonly Mechanism[] {
  return all
    .toSorted((a, b) => b.calls - a.calls || (a.kind < b.kind ? -1 : 1))
    .slice(0, MOST)
    .map(({ kind, seen, text, isCertain }) => ({
      kind,
      sure: isCertain ? 'certain' : 'likely',
      shown: `${text.charAt(0).toUpperCase()}${text.slice(1)}.`,
      setting: SETTINGS[kind](seen),
    }));
}
