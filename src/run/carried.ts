import { messageOf } from '../model/errors.ts';
import type { FaultKind, Mark } from '../model/fault.ts';
import type { Clock, Cluster } from '../model/ports.ts';
import { again } from './again.ts';
import { type Beyond, lookIn } from './beyond.ts';
import { type Place, placesOf } from './leftovers.ts';

type CarriedScope = {
  readonly namespaces: readonly string[];
  /** Kinds of fault whose marks are looked for anyway. */
  readonly kinds: readonly Marking[];
  /** Kinds of the faults that its run had in other clusters. */
  readonly carried: readonly Marking[];
};

type Marking = Pick<FaultKind, 'marks'>;

const WHOLE = 'the whole cluster';

/**
 * Looks for what faults of a run have marked in other clusters: whatever copies objects from one to another (a sync, a backup that is
 * restored) copies their marks as well. No fault needed to be allowed that here: what cannot be looked for is named, kind by kind. Never rejects.
 */
export async function searchCarried(
  cluster: Cluster,
  { namespaces, kinds, carried }: CarriedScope,
  runId: string | undefined,
  clock: Clock,
): Promise<Beyond> {
  const own = kinds.flatMap(({ marks }) => marks);
  const isOwn = ({ resource, inside }: Mark) => own.some((one) => one.resource === resource && one.inside === inside);
  const marks = carried.flatMap((kind) => kind.marks).filter((mark) => !isOwn(mark));
  const searches = [...Map.groupBy(marks, ({ resource }) => resource).values()].flatMap(([first, ...more]) =>
    first === undefined ? [] : placesOf(first, namespaces).map((place) => look(cluster, place, [first, ...more])),
  );
  const found = await Promise.all(searches);
  const unread = found.filter(({ left }) => left === undefined);
  return {
    leftovers: found.flatMap(({ left = [] }) => left),
    unread:
      unread.length === 0
        ? undefined
        : {
            kinds: [...new Set(unread.map(({ resource }) => resource))].sort(),
            answers: Object.fromEntries(unread.flatMap(({ resource, answer }) => (answer ? [[resource, answer]] : []))),
            namespaces: [...new Set(unread.map(({ place }) => place.namespace ?? WHOLE))].sort(),
          },
  };

  async function look(cluster: Cluster, place: Place, marks: readonly [Mark, ...Mark[]]) {
    const { resource } = marks[0];
    try {
      return { resource, place, left: await again(clock, () => lookIn(cluster, place, marks, runId)) };
    } catch (error) {
      return { resource, place, left: undefined, answer: messageOf(error) };
    }
  }
}
