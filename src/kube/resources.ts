import { FaultlineError } from '../model/errors.ts';
import type { KubeKind } from '../model/kubernetes.ts';
import { isNotFound } from './api-error.ts';
import type { Rest } from './rest.ts';

/** How a kind is addressed in the API. */
type Resource = { readonly name: string; readonly namespaced: boolean; readonly group: string };

type ResourceList = { resources?: { name: string; kind: string; namespaced: boolean }[] };

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
    const list = await this.#list(kind.apiVersion).catch((error: unknown): ResourceList => {
      if (isNotFound(error)) return {};
      throw error;
    });
    const found = list.resources?.find((entry) => entry.kind === kind.kind && !entry.name.includes('/'));
    if (found === undefined) {
      throw new FaultlineError(
        'KIND_NOT_SERVED',
        `${this.#rest.server} does not serve ${kind.apiVersion} ${kind.kind}`,
        { hint: `Is what brings this kind installed there? kubectl api-resources --api-group=${groupOf(kind)}` },
      );
    }
    return { name: found.name, namespaced: found.namespaced, group: groupOf(kind) };
  }

  /** Path of a collection, or of one object when `name` is given. */
  async path(kind: KubeKind, namespace: string | undefined, name?: string): Promise<string> {
    const resource = await this.of(kind);
    const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
    const tail = name === undefined ? '' : `/${encodeURIComponent(name)}`;
    return `${apiPath(kind.apiVersion)}${scope}/${resource.name}${tail}`;
  }

  #list(apiVersion: string): Promise<ResourceList> {
    let list = this.#lists.get(apiVersion);
    if (list === undefined) {
      const path = apiPath(apiVersion);
      list = this.#rest.json<ResourceList>({ method: 'GET', path, what: `discover ${apiVersion}` });
      list.catch(() => this.#lists.delete(apiVersion));
      this.#lists.set(apiVersion, list);
    }
    return list;
  }
}
