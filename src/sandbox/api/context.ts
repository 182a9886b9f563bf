import type { Clock, Random } from '../../model/ports.ts';
import type { ContainerLog } from './container-log.ts';
import type { History } from './history.ts';
import type { Pages } from './pages.ts';
import type { Passed } from './request.ts';
import type { ObjectStore } from './store.ts';
import type { ServerVersion } from './version.ts';

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

/** How a command in a container ended. */
export type ExecAnswer = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs a command in a container that runs; undefined where no command can be run in it. */
export type PodExec = (
  namespace: string,
  pod: string,
  container: string,
  command: readonly string[],
) => Promise<ExecAnswer> | undefined;

/** Requests to one port inside a running pod; an answer is undefined where nothing listens there, or the pod is gone. */
export type PodPort = (path: string, request: Passed) => Promise<ProxyAnswer | undefined>;

/** A port of a pod as from inside it, where the network does not matter; undefined where the pod does not run. */
export type PodForward = (namespace: string, pod: string, port: number) => PodPort | undefined;

/** What every handler may use. */
export type ServerContext = {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly history: History;
  readonly pages: Pages;
  readonly podProxy: PodProxy;
  readonly podLog: PodLog;
  readonly podExec: PodExec;
  readonly podForward: PodForward;
  readonly version: ServerVersion;
};
