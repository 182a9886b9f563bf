import type { RequestRecord } from '../model/record.ts';
import type { FailureGroup } from '../model/result.ts';
import type { GoodRequest } from '../model/scenario.ts';
import type { Micros } from '../model/units.ts';
import { type ChainKind, normalise } from './chains.ts';
import { type Example, exampleOf, requestExample } from './example.ts';

const MAX_GROUPS = 200;

/** The calling proxy that is blamed for a bad request. */
export type Caller = { readonly id: string; readonly zone: string };

export type Group = {
  readonly cause: string;
  readonly path: string;
  readonly caller: Caller;
  count: number;
  first: Micros;
  last: Micros;
  example: Example;
};

/** What went wrong, in a few words that are the same for the same thing. */
export function causeOf(record: RequestRecord, kind: ChainKind, good: GoodRequest): string {
  if (record.outcome === 'error') return record.error ?? 'other';
  if (record.status !== good.status) return `status ${record.status}`;
  if (kind.complete) return `slower than ${good.latencyMs} ms`;
  const { hops, rest } = kind.chain;
  if (rest !== '') return `chain incomplete: ${normalise(rest)}`;
  if (hops.length === 0) return 'chain missing';
  return `chain incomplete: ${hops.map((hop) => hop.service).join(' > ')}`;
}

/** Bad requests inside the budget window, grouped by what went wrong, on which path, at which caller. */
export class FailureGroups {
  readonly #groups = new Map<string, Group>();
  readonly #good: GoodRequest;

  constructor(good: GoodRequest) {
    this.#good = good;
  }

  add(pathIndex: number, path: string, record: RequestRecord, kind: ChainKind, caller: Caller): void {
    const cause = causeOf(record, kind, this.#good);
    const group = this.#find(cause, path, caller);
    if (group === undefined) {
      const example = exampleOf(pathIndex, record, kind.chain);
      const fresh = { cause, path, caller, count: 1, first: record.due, last: record.due, example };
      this.#groups.set(`${cause}\u0000${path}\u0000${caller.id}`, fresh);
      return;
    }
    group.count++;
    if (record.due < group.first) {
      group.first = record.due;
      group.example = exampleOf(pathIndex, record, kind.chain);
    }
    group.last = Math.max(group.last, record.due);
  }

  /** Most frequent first. */
  list(): readonly Group[] {
    const name = (group: Group): string => `${group.cause} ${group.path} ${group.caller.id}`;
    return [...this.#groups.values()].sort((a, b) => b.count - a.count || (name(a) < name(b) ? -1 : 1));
  }

  /** Past the limit everything new goes to one group for each path, so that counts still add up. */
  #find(cause: string, path: string, caller: Caller): Group | undefined {
    const known = this.#groups.get(`${cause}\u0000${path}\u0000${caller.id}`);
    if (known !== undefined || this.#groups.size < MAX_GROUPS) return known;
    return [...this.#groups.values()].findLast((group) => group.path === path) ?? [...this.#groups.values()].at(-1);
  }
}

/** As results show it. */
export function failureGroup(group: Group): FailureGroup {
  return {
    cause: group.cause,
    path: group.path,
    caller: group.caller.id,
    count: group.count,
    first: group.first,
    last: group.last,
    example: requestExample(group.path, group.example),
  };
}
