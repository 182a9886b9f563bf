import type { Micros } from '../../model/units.ts';
import type { Block } from '../../stats/index.ts';
import type { Route } from '../ingest/path.ts';
import type { Segment, Window } from '../timeline/windows.ts';
import { isExcursion } from './excursion.ts';
import type { HomeGroup } from './homes.ts';

type Part = 'baseline' | 'home';

/** How often a route served in each second in which it did; seconds never fall, because a path's records come in due order. */
type Seconds = { readonly seconds: number[]; readonly counts: number[] };

/** Who was at home for one in so many calls of a second counts as having been there. */
const SOME = 4;

/** Second by second, how many requests each route served, in the baseline and from the first undo request on. */
export class RouteSeconds {
  readonly #byPart: Readonly<Record<Part, (Seconds | undefined)[]>> = { baseline: [], home: [] };

  /** `n` requests of the second in which `due` lies. */
  served({ id }: Route, { part }: Segment, due: Micros, n: number): void {
    if (part !== 'baseline' && part !== 'home') return;
    const rows = this.#byPart[part];
    let row = rows[id];
    if (row === undefined) {
      row = { seconds: [], counts: [] };
      rows[id] = row;
    }
    const second = Math.floor(due / 1e6);
    const last = row.counts.length - 1;
    if (row.seconds[last] === second) row.counts[last] = (row.counts[last] as number) + n;
    else {
      row.seconds.push(second);
      row.counts.push(n);
    }
  }

  /** How many requests some routes served in each whole second inside a window, in order; a route that is there twice counts twice. */
  of(routes: readonly Route[], part: Part, { start, end }: Window): ReadonlyMap<number, number> {
    const blocks = new Map<number, number>();
    for (const { id } of routes) {
      const row = this.#byPart[part][id];
      row?.seconds.forEach((second, i) => {
        const isInside = second * 1e6 >= start && (second + 1) * 1e6 <= end;
        if (isInside) blocks.set(second, (blocks.get(second) ?? 0) + (row.counts[i] as number));
      });
    }
    return new Map([...blocks].sort(([a], [b]) => a - b));
  }

  /** The calls of a group in blocks of a second each, in order; those served at home are the hits. */
  blocks(group: HomeGroup, part: Part): Block[] {
    const blocks = new Map<number, { all: number; hits: number }>();
    const blockOf = (second: number) => {
      const known = blocks.get(second);
      if (known !== undefined) return known;
      const block = { all: 0, hits: 0 };
      blocks.set(second, block);
      return block;
    };
    const add = (routes: readonly Route[], isHome: boolean): void => {
      for (const { id } of routes) {
        const row = this.#byPart[part][id];
        if (row === undefined) continue;
        for (let i = 0; i < row.seconds.length; i++) {
          const block = blockOf(row.seconds[i] as number);
          block.all += row.counts[i] as number;
          if (isHome) block.hits += row.counts[i] as number;
        }
      }
    };
    add(group.home, true);
    add(group.away, false);
    return [...blocks].sort(([a], [b]) => a - b).map(([, block]) => block);
  }

  /** Whether a group was at home, and then most calls were elsewhere for some seconds in a row. */
  hasLeft(group: HomeGroup, part: Part): boolean {
    const blocks = this.blocks(group, part);
    const first = blocks.findIndex(({ all, hits }) => hits * SOME > all);
    // Of three seconds, two readings of a proxy lie wholly in them.
    return first >= 0 && isExcursion(blocks.slice(first), group.byProxies ? 2 : undefined);
  }
}
