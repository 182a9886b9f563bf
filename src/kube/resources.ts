import { FaultlineError } from '../model/errors.ts';
import type { KubeKind } from '../model/kubernetes.ts';
import { isNotFound, KubeApiError } from './api-error.ts';
import type { Rest } from './rest.ts';

/** How a kind is addressed in the API. */
type Resource = {
  readonly name: string;
  readonly namespaced: boolean;
  readonly group: string;
  readonly apiVersion: string;
};

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

function groupOf({ apiVersion }: Pick<KubeKind, 'apiVersion'>): string {
  return apiVersion.slice(0, Math.max(0, apiVersion.indexOf('/')));
}

const GROUPS = { method: 'GET', path: '/apis', what: 'discover the groups' } as const;

/** Asked when it is needed, and once. */
type Versions = () => Promise<readonly string[] | undefined>;

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => {
    asked ??= ask();
    return asked;
  };
}

function pathOf(resource: Resource, namespace: string | undefined, name?: string): string {
  const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  const tail = name === undefined ? '' : `/${encodeURIComponent(name)}`;
  return `${apiPath(resource.apiVersion)}${scope}/${resource.name}${tail}`;
}

/** Looks kinds up in the discovery of one API server and remembers them. */
export class Resources {
  readonly #rest: Rest;
  readonly #lists = new Map<string, Promise<ResourceList>>();

  constructor(rest: Rest) {
    this.#rest = rest;
  }

  /**
   * In its own version, or in another one that is served: objects live under each of them, and one whose version is served no more has not
   * gone. Rejects with KIND_NOT_SERVED when the server knows the kind in none.
   */
  async of(kind: KubeKind): Promise<Resource> {
    const versions = once(() => this.#versions());
    const found = (await this.#in(kind.apiVersion, kind, versions)) ?? (await this.#inOthers(kind, versions));
    if (found === undefined) throw this.#unserved(kind);
    return found;
  }

  /** In its own version, which what is written is of. Rejects with KIND_NOT_SERVED when the server does not know it in that. */
  async toWrite(kind: KubeKind): Promise<Resource> {
    const found = await this.#in(kind.apiVersion, kind, () => this.#versions());
    if (found === undefined) throw this.#unserved(kind);
    return found;
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
      for (const apiVersion of this.#lists.keys()) {
        if (groupOf({ apiVersion }) === groupOf(kind)) this.#lists.delete(apiVersion);
      }
      await this.of(kind);
      throw error;
    }
  }

  /** Path of a collection, or of one object when `name` is given. */
  async path(kind: KubeKind, namespace: string | undefined, name?: string): Promise<string> {
    return pathOf(await this.of(kind), namespace, name);
  }

  /** The same, for a write of what is of the kind's own version. */
  async pathToWrite(kind: KubeKind, namespace: string | undefined, name?: string): Promise<string> {
    return pathOf(await this.toWrite(kind), namespace, name);
  }

  /**
   * A kind in one version of its group; undefined where that is not served, or has not the kind. The server answers for versions that it has not with
   * the 404 page of Go's web server, which something on the way may have sent as well; its list of groups tells.
   */
  async #in(apiVersion: string, kind: KubeKind, versions: Versions): Promise<Resource | undefined> {
    const list = await this.#list(apiVersion).catch(async (error: unknown): Promise<ResourceList> => {
      if (isNotFound(error) || (isPage404(error) && (await versions())?.includes(apiVersion) === false))
        return { resources: [] };
      throw error;
    });
    const found = list.resources?.find((entry) => entry.kind === kind.kind && !entry.name.includes('/'));
    if (found === undefined) return undefined;
    return { name: found.name, namespaced: found.namespaced, group: groupOf(kind), apiVersion };
  }

  /** Rejects where the others cannot be asked: then nobody knows. */
  async #inOthers(kind: KubeKind, versions: Versions): Promise<Resource | undefined> {
    const group = groupOf(kind);
    if (group === '') return undefined;
    const others = await versions();
    if (others === undefined) throw this.#rest.noAnswer(GROUPS, 'no list of groups');
    for (const apiVersion of others) {
      if (groupOf({ apiVersion }) !== group || apiVersion === kind.apiVersion) continue;
      const found = await this.#in(apiVersion, kind, versions);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** All versions of all groups that the server serves; undefined where the answer is none of an API server. */
  async #versions(): Promise<readonly string[] | undefined> {
    const { kind, groups } = await this.#rest.json<GroupList>(GROUPS);
    if (kind !== 'APIGroupList' || groups === undefined) return undefined;
    return (groups ?? []).flatMap(({ versions }) => versions ?? []).map(({ groupVersion }) => groupVersion);
  }

  #unserved(kind: KubeKind): FaultlineError {
    const what = `${this.#rest.server} does not serve ${kind.apiVersion} ${kind.kind}`;
    const hint = `Is what brings this kind installed there (API group ${groupOf(kind)})?`;
    return new FaultlineError('KIND_NOT_SERVED', what, { hint });
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
