import { isGoodStatus, type PathRule } from '../../model/good.ts';
import type { Mechanism } from '../../model/mechanism.ts';
import type { Chain, RequestRecord } from '../../model/record.ts';
import type { FailureGroup } from '../../model/result.ts';
import type { Micros } from '../../model/units.ts';
import { type ChainRef, normalise } from '../ingest/chains.ts';
import type { PathStream } from '../ingest/path.ts';
import type { Segment, Window } from '../timeline/windows.ts';
import { BadRequestBook } from './bad-requests.ts';
import type { BlamedProxy } from './callers.ts';
import { type Example, exampleOf, requestExample } from './example.ts';
import { type Words, wordsOf } from './mechanisms/words.ts';

/** Groups told apart; what comes after them is counted by path and part alone. */
const MAX_GROUPS = 500;
const VARIOUS = 'various failures';

/** How the cause of a whole answer that came too late begins. */
export const SLOWER = 'slower than';

/** Stands in the cause of an answer whose services were others than the expected ones, before these. */
export const OTHER_CHAIN = ', expected ';

/** The cause of an answer that said what it should not; its words say what. */
const CONTENT = 'wrong content';

export type Group = {
  readonly cause: string;
  /** Index of the error's own words; -1 where there are none. */
  readonly text: number;
  readonly path: string;
  readonly caller: BlamedProxy;
  readonly part: Segment['part'];
  readonly stage: number;
  /** Whether they lie in the window that an error budget counts. */
  readonly counts: boolean;
  count: number;
  first: Micros;
  last: Micros;
  /** When the last of them had ended. */
  until: Micros;
  /** What proxies said in their answers, and how often. */
  readonly words: Map<Words, number>;
  example: Example;
};

/** What went wrong, in a few words that are the same for the same thing. */
function causeOf(record: RequestRecord, { kind }: ChainRef, { index, good }: PathRule): string {
  if (record.ended === 'error') return record.error ?? 'other';
  if (!isGoodStatus(record.status, good)) return `status ${record.status}`;
  if (record.text >= 0) return CONTENT;
  if (kind.complete[index]) return `${SLOWER} ${good.latencyMs} ms`;
  return chainText(kind.chain, good.chain);
}

/** What an answer said of its way, and what it should have said: a text inside of a chain is told alone. */
function chainText({ hops, rest }: Chain, wanted: readonly string[]): string {
  if (rest !== '' && hops.length > 0) return `chain incomplete: ${normalise(rest)}`;
  const expected = `${OTHER_CHAIN}${wanted.join(' > ')}`;
  if (rest !== '') return `chain missing: ${normalise(rest)}${expected}`;
  if (hops.length === 0) return `chain missing${expected}`;
  return `chain incomplete: ${hops.map(({ service }) => service || '?').join(' > ')}${expected}`;
}

/** All bad requests of a run, grouped by what went wrong, on which path, at which caller, in which part of the run. */
export class FailureGroups {
  readonly #groups = new Map<string, Group>();
  readonly #byPath = new Map<string, Group[]>();
  readonly #budget: Window;
  /** What the text left over in a kind of chain is, by its index; null where it is no proxy's. */
  readonly #said: (Words | null)[] = [];
  readonly all = new BadRequestBook();

  constructor(budget: Window) {
    this.#budget = budget;
  }

  add(path: PathStream, segment: Segment, record: RequestRecord, chain: ChainRef, caller: BlamedProxy): void {
    const { part, stage } = segment;
    const counts = segment.start >= this.#budget.start && segment.end <= this.#budget.end;
    const where = `${part} ${stage} ${counts}`;
    const cause = causeOf(record, chain, path.rule);
    const { text, due } = record;
    const whole = () => ({
      cause,
      text,
      path: path.id,
      caller: caller.id,
      example: exampleOf(path.index, record, chain.chain),
    });
    this.all.add(due, whole, { cause, text });
    const exact = `${where}\u0000${cause}\u0000${record.text}\u0000${path.row}\u0000${caller.id}`;
    const isCrowded = this.#groups.size >= MAX_GROUPS && !this.#groups.has(exact);
    const key = isCrowded ? `${where}\u0000${path.row}` : exact;
    const group = this.#groups.get(key);
    if (group === undefined) {
      const example = exampleOf(path.index, record, chain.chain);
      const what = isCrowded ? { cause: VARIOUS, text: -1 } : { cause, text: record.text };
      const times = { count: 1, first: record.due, last: record.due, until: record.end };
      const opened = { ...what, path: path.id, caller, part, stage, counts, ...times, words: new Map(), example };
      this.#open(key, opened);
      this.#hear(opened, record, chain);
      return;
    }
    this.#hear(group, record, chain);
    group.count++;
    group.until = Math.max(group.until, record.end);
    if (record.due < group.first) {
      group.first = record.due;
      group.example = exampleOf(path.index, record, chain.chain);
    }
    group.last = Math.max(group.last, record.due);
  }

  #hear({ words }: Group, { ended }: RequestRecord, { kind }: ChainRef): void {
    if (ended !== 'response') return;
    let said = this.#said[kind.index];
    if (said === undefined) {
      said = wordsOf(kind.chain.rest) ?? null;
      this.#said[kind.index] = said;
    }
    if (said !== null) words.set(said, (words.get(said) ?? 0) + 1);
  }

  #open(key: string, group: Group): void {
    this.#groups.set(key, group);
    const others = this.#byPath.get(group.path);
    if (others === undefined) this.#byPath.set(group.path, [group]);
    else others.push(group);
  }

  /** Those of one path, or of all, that `is` picks, most frequent first. */
  list(is: (group: Group) => boolean, path?: string): readonly Group[] {
    const groups = path === undefined ? [...this.#groups.values()] : (this.#byPath.get(path) ?? []);
    return groups.filter(is).sort(byCount);
  }
}

/** Whether most of some failures are of one kind. */
export function areMostly(groups: readonly Group[], is: (group: Group) => boolean | undefined): boolean {
  const sum = (some: readonly Group[]): number => some.reduce((total, group) => total + group.count, 0);
  return sum(groups.filter(is)) * 2 > sum(groups);
}

const nameOf = ({ cause, path, caller, stage, part }: Group): string =>
  `${cause} ${path} ${caller.id} ${stage} ${part}`;

const byCount = (a: Group, b: Group): number => b.count - a.count || (nameOf(a) < nameOf(b) ? -1 : 1);

/** Adds up what was not told apart: one group for each path is enough to read. Most frequent first. */
function withFewVarious(groups: readonly Group[]): readonly Group[] {
  const various = new Map<string, Group>();
  for (const group of groups) {
    if (group.cause !== VARIOUS) continue;
    const sum = various.get(group.path) ?? { ...group, count: 0 };
    const { first, example } = group.first < sum.first ? group : sum;
    const last = Math.max(sum.last, group.last);
    various.set(group.path, { ...sum, count: sum.count + group.count, first, last, example });
  }
  if (various.size === 0) return groups;
  return [...groups.filter(({ cause }) => cause !== VARIOUS), ...various.values()].sort(byCount);
}

/** Whether an answer says, by its status or its text, that a call has failed behind it. */
export function isFailureOfCall({ cause, example, caller, words }: Group): boolean {
  if (cause === VARIOUS) return false;
  return example.status >= 500 || caller.hop !== undefined || words.size > 0;
}

/** As results show them, most frequent first. */
export function failureGroups(
  groups: readonly Group[],
  texts: readonly string[],
  mechanismsOf?: (group: Group) => readonly Mechanism[],
): readonly FailureGroup[] {
  return withFewVarious(groups).map((group) => failureGroup(group, texts, mechanismsOf?.(group)));
}

function failureGroup(group: Group, texts: readonly string[], mechanisms?: readonly Mechanism[]): FailureGroup {
  const text = texts[group.text];
  return {
    cause: group.cause,
    ...(text !== undefined && { text }),
    path: group.path,
    caller: group.caller.id,
    count: group.count,
    first: group.first,
    last: group.last,
    example: requestExample(group.path, group.example, texts),
    ...(mechanisms !== undefined && { mechanisms }),
  };
}
