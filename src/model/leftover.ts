/** What a search for leftovers has come to in a cluster, as a history and a result have it. */
type Left = { readonly cluster: string; readonly ref: string };

const UNSEEN = 'could not look: ';

/** What stands in place of the name of an object where nobody could look for what is left. */
export function unseenRef(why: string): string {
  return `${UNSEEN}${why}`;
}

/** Why nobody knows what is left, where that stands in place of an object; undefined for an object. */
export function whyUnseen({ ref }: Pick<Left, 'ref'>): string | undefined {
  return ref.startsWith(UNSEEN) ? ref.slice(UNSEEN.length) : undefined;
}

/** Where nobody could look, as the end of a sentence: `in tokyo (403 no)`. */
export function unseenText({ cluster, ref }: Left): string {
  return `in ${cluster} (${whyUnseen({ ref }) ?? ref})`;
}
