import type { Clock, Random } from '../../model/ports.ts';
import type { ContainerLog } from './container-log.ts';
import type { History } from './history.ts';
import type { Pages } from './pages.ts';
import type { Passed } from './request.ts';
import type { ObjectStore } from './store.ts';

export type ProxyAnswer = { readonly status: number; readonly contentType: string; readonly body: string | Buffer };

/** Serves `/api/v1/namespaces/N/pods/P:PORT/proxy/PATH`; `path` begins with a slash and carries the query. */
export type PodProxy = (
  namespace: string,
  pod: string,
  port: number,
  path: string,
  request: Passed,
) => Promise<ProxyAnswer>;

/** The log of a container that has been started. */
export type PodLog = (namespace: string, pod: string, container: string) => ContainerLog;

/** What every handler may use. */
export type ServerContext = {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly history: History;
  readonly pages: Pages;
  readonly podProxy: PodProxy;
  readonly podLog: PodLog;
};
