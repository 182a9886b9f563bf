import type { KubeObject } from '../../model/kubernetes.ts';
import { badRequest, expired } from './errors.ts';

/** The rest of a list that was cut by `limit`, at the state of its first page. */
type Page = { readonly revision: number; readonly rest: readonly KubeObject[] };

/** Remembers lists for `continue`. */
export type Pages = {
  keep(page: Page): string;
  /** Throws 410 when the page is forgotten, 400 when the token is none. */
  take(token: string): Page;
};

/** Old lists are forgotten as an API server forgets compacted versions. */
const KEPT_LISTS = 100;

export function createPages(): Pages {
  const pages = new Map<string, Page>();
  let next = 1;
  return {
    keep(page) {
      const token = Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: page.revision, id: next })).toString(
        'base64url',
      );
      next += 1;
      pages.set(token, page);
      const oldest = pages.keys().next().value;
      if (pages.size > KEPT_LISTS && oldest !== undefined) pages.delete(oldest);
      return token;
    },
    take(token) {
      if (!/^[\w-]{8,200}$/.test(token)) throw badRequest('continue key is not valid');
      const page = pages.get(token);
      if (page !== undefined) return page;
      throw expired(
        'The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.',
      );
    },
  };
}
