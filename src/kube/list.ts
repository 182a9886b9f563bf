import type { KubeKind, KubeObject } from '../model/kubernetes.ts';
import type { Clock } from '../model/ports.ts';
import type { Millis } from '../model/units.ts';
import { MOST_LIST_LENGTH } from './bounded.ts';
import { objectOf } from './objects.ts';
import type { ObjectList } from './observe.ts';
import type { Rest } from './rest.ts';

/** Go writes an empty list as null where nobody has made one. */
type RawList = {
  items?: unknown[] | null;
  metadata?: { resourceVersion?: string; continue?: string; remainingItemCount?: number };
};

const PAGE = '500';
/** 250,000 objects: Kubernetes is made for 150,000 pods. */
const MOST_PAGES = 500;
/** After so long no further page is asked for. */
const LIST_MS: Millis = 60_000;

type Wanted = {
  readonly kind: KubeKind;
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
};

/**
 * A whole list, page by page; a page may be empty and not be the last (meta/v1 ListOptions, `limit`). Rejects with KUBE_API
 * where it has no end within its bounds (`continue` is whatever the other side writes), or where its last page says that more
 * objects are there (meta/v1 ListMeta, `remainingItemCount`).
 */
export async function listAll(rest: Rest, clock: Clock, path: string, wanted: Wanted): Promise<ObjectList> {
  const { kind, namespace, labelSelector } = wanted;
  const what = `list ${kind.kind}`;
  const where = { what: namespace === undefined ? what : `${what} of namespace ${namespace}` };
  const items: KubeObject[] = [];
  const endless = endlessness(clock);
  let token: string | undefined;
  for (;;) {
    const request = { method: 'GET', path, query: { labelSelector, limit: PAGE, continue: token }, what } as const;
    const text = await rest.text(request);
    const page = rest.parsed<RawList>(request, text);
    for (const object of objectsOf(page, rest, what))
      items.push({ ...object, apiVersion: kind.apiVersion, kind: kind.kind });
    token = page.metadata?.continue;
    const left = page.metadata?.remainingItemCount ?? 0;
    if (!token && left > 0)
      throw rest.noAnswer(where, `a part of a list: ${left} more are said to be there, and not how to get them`);
    if (!token) return { items, resourceVersion: page.metadata?.resourceVersion ?? '' };
    const how = endless(token, text.length);
    if (how !== undefined) throw rest.noAnswer(where, `a list without an end: ${how}`);
  }
}

function objectsOf({ items }: RawList, rest: Rest, what: string): KubeObject[] {
  if (items === undefined) throw rest.noAnswer({ what }, 'no list');
  return (items ?? []).map((item) => {
    const object = objectOf(item);
    if (object === undefined) throw rest.noAnswer({ what }, 'no list of objects');
    return object;
  });
}

/** Told of each page that is not the last, says why no further one is asked for; undefined where one may be. */
function endlessness(clock: Clock): (token: string, length: number) => string | undefined {
  const began = clock.now();
  const tokens = new Set<string>();
  let size = 0;
  return (token, length) => {
    if (tokens.has(token)) return 'it goes on where it has been before';
    tokens.add(token);
    size += length;
    if (tokens.size >= MOST_PAGES) return `more than ${MOST_PAGES} pages`;
    if (size >= MOST_LIST_LENGTH) return `more than ${MOST_LIST_LENGTH} characters`;
    return (clock.now() - began) / 1000 >= LIST_MS ? `more than ${LIST_MS / 1000} s` : undefined;
  };
}
