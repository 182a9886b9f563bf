import { FaultlineError } from '../model/errors.ts';
import type { KubeKind } from '../model/kubernetes.ts';
import { isNotFound, KubeApiError } from './api-error.ts';
import type { Rest } from './rest.ts';

/** How a kind is addressed in the API. */
type Resource = { readonly name: string; readonly namespaced: boolean; readonly group: string };

/** Go writes an empty list as null where nobody has made one. */
type ResourceList = { resources: readonly { name: string; kind: string; namespaced: boolean }[] | null };

type GroupList = { kind: string; groups: readonly { versions?: readonly { groupVersion: string }[] | null }[] | null };

function isPage404(error: unknown): boolean {
  return error instanceof KubeApiError && error.status === 404 && error.reason === undefined;
}

/** `/api/v1` or `/apis/<group>/<version>`. */
export function apiPath(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

function groupOf({ apiVersion }: KubeKind): string {
  return apiVersion.slice(0, Math.max(0, apiVersion.indexOf('/')));
}

/** Looks kinds up in the discovery of one API server and remembers them. */
export class Resources {
  readonly #rest: Rest;
  readonly #lists = new Map<string, Promise<ResourceList>>();

  constructor(rest: Rest) {
    this.#rest = rest;
  }

  /** Rejects with KIND_NOT_SERVED when the server does not know the kind. */
  async of(kind: KubeKind): Promise<Resource> {
    const list = await this.#list(kind.apiVersion).catch(async (error: unknown): Promise<ResourceList> => {
      const isUnserved = isNotFound(error) || (isPage404(error) && !(await this.#isGroupServed(kind)));
      if (isUnserved) return { resources: [] };
      throw error;
    });
    const found = list.resources?.find((entry) => entry.kind === kind.kind && !entry.name.includes('/'));
    if (found === undefined) {
      throw new FaultlineError(
        'KIND_NOT_SERVED',
        `${this.#rest.server} does not serve ${kind.apiVersion} ${kind.kind}`,
        { hint: `Is what brings this kind installed there (API group ${groupOf(kind)})?` },
      );
    }
    return { name: found.name, namespaced: found.namespaced, group: groupOf(kind) };
  }

  /**
   * Does what asks for objects of a kind. A 404 that says nothing of an object may mean that the kind is served no more, as when its CRD was
   * deleted: discovery is asked anew, and rejects with KIND_NOT_SERVED where that is so. While it has the kind, the answer is a doubt.
   */
  async asking<T>(kind: KubeKind, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof KubeApiError) || error.status !== 404) throw error;
      this.#lists.delete(kind.apiVersion);
      await this.of(kind);
      throw error;
    }
  }

  /** Path of a collection, or of one object when `name` is given. */
  async path(kind: KubeKind, namespace: string | undefined, name?: string): Promise<string> {
    const resource = await this.of(kind);
    const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
    const tail = name === undefined ? '' : `/${encodeURIComponent(name)}`;
    return `${apiPath(kind.apiVersion)}${scope}/${resource.name}${tail}`;
  }

  /**
   * Whether the server lists the group in this version. It answers for others with the 404 page of Go's web server, which
   * something on the way may have sent as well; its list of groups tells.
   */
  async #isGroupServed({ apiVersion }: KubeKind): Promise<boolean> {
    const request = { method: 'GET', path: '/apis', what: 'discover the groups' } as const;
    const { kind, groups } = await this.#rest.json<GroupList>(request);
    if (kind !== 'APIGroupList' || groups === undefined) return true;
    return (groups ?? []).some(({ versions }) => versions?.some(({ groupVersion }) => groupVersion === apiVersion));
  }

  #list(apiVersion: string): Promise<ResourceList> {
    let list = this.#lists.get(apiVersion);
    if (list === undefined) {
      const path = apiPath(apiVersion);
      list = this.#discover({ method: 'GET', path, what: `discover ${apiVersion}` });
      list.catch(() => this.#lists.delete(apiVersion));
      this.#lists.set(apiVersion, list);
    }
    return list;
  }

  /** An answer without a list says nothing: that a kind is not served, which means that nothing of it is left, is no guess. */
  async #discover(request: Parameters<Rest['json']>[0]): Promise<ResourceList> {
    const { resources } = await this.#rest.json<ResourceList>(request);
    if (resources === undefined) throw this.#rest.noAnswer(request, 'no list of resources');
    return { resources };
  }
}
