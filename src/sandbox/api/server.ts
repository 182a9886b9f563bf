import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock, Random } from '../../model/ports.ts';
import type { KubernetesVersion } from '../../topologies/index.ts';
import type { PodExec, PodForward, PodLog, PodProxy, ServerContext } from './context.ts';
import { createExchange, type Handler } from './exchange.ts';
import { createHistory } from './history.ts';
import { createPages } from './pages.ts';
import type { ObjectStore } from './store.ts';
import { administratorOnly, type UserOf } from './users.ts';
import { serverVersion } from './version.ts';

/** What stands before parts of an API server; each is handed the part itself. */
export type ApiParts = {
  readonly handler?: (own: Handler) => Handler;
  readonly userOf?: (own: UserOf) => UserOf;
};

type ApiServerOptions = {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly random: Random;
  /** A loopback address. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** The administrator's bearer token; any other is 401. Without it any token is the administrator's. */
  readonly token?: string;
  readonly clusterName: string;
  /** @default KUBERNETES */
  readonly kubernetes?: KubernetesVersion;
  readonly podProxy: PodProxy;
  readonly podLog: PodLog;
  /** @default no command can be run in any container */
  readonly podExec?: PodExec;
  /** @default no pod runs */
  readonly podForward?: PodForward;
  /** @default the parts themselves */
  readonly parts?: ApiParts;
};

export type ApiServer = {
  /** `http://HOST:PORT`, as a kubeconfig wants it. */
  readonly url: string;
  readonly port: number;
  readonly clusterName: string;
  /** Ends all watches and connections. */
  close(): Promise<void>;
};

/** Starts the Kubernetes API of one cluster over plain HTTP. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { store, clock, random, podProxy, podLog, host, parts = {} } = options;
  const history = createHistory(store);
  const context: ServerContext = {
    store,
    clock,
    random,
    history,
    pages: createPages(),
    podProxy,
    podLog,
    podExec: options.podExec ?? (() => undefined),
    podForward: options.podForward ?? (() => undefined),
    version: serverVersion(options.kubernetes),
  };
  const own = administratorOnly(options.token);
  const exchange = createExchange(context, parts.userOf?.(own) ?? own);
  const answer = parts.handler?.(exchange.answer) ?? exchange.answer;
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    void answer(request, response);
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    void exchange.upgrade(request, socket);
  });
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    clusterName: options.clusterName,
    close: async () => {
      history.close();
      exchange.stop();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
