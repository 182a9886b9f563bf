import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock, Random } from '../../model/ports.ts';
import type { AccessRule } from './access.ts';
import type { PodExec, PodLog, PodProxy, ServerContext } from './context.ts';
import { createExchange } from './exchange.ts';
import { createHistory } from './history.ts';
import type { Misbehave, WatchFault } from './misbehave.ts';
import { createPages } from './pages.ts';
import type { ObjectStore } from './store.ts';
import type { User } from './users.ts';

export type ApiServerOptions = {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly random: Random;
  /** A loopback address. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** The administrator's bearer token; one that is neither this nor a user's is 401. Without it any token is the administrator's. */
  readonly token?: string;
  /** Further users by bearer token. The map is read at each request, so users may come while the server runs. */
  readonly users?: ReadonlyMap<string, User>;
  readonly clusterName: string;
  readonly podProxy: PodProxy;
  readonly podLog: PodLog;
  /** @default no command can be run in any container */
  readonly podExec?: PodExec;
  /** What callers may not do. The list is read at each request, so it may be changed while the server runs. */
  readonly deny?: readonly AccessRule[];
  readonly misbehave?: Misbehave;
};

export type ApiServer = {
  /** `http://HOST:PORT`, as a kubeconfig wants it. */
  readonly url: string;
  readonly port: number;
  readonly clusterName: string;
  /** How many watches are open now. */
  openWatches(): number;
  /** Does the same to all watches that are open now. */
  breakWatches(fault: WatchFault): void;
  /** Ends all watches and connections. */
  close(): Promise<void>;
};

/** Starts the Kubernetes API of one cluster over plain HTTP. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { store, clock, random, podProxy, podLog, host } = options;
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
    deny: options.deny ?? [],
  };
  const exchange = createExchange(context, {
    token: options.token,
    users: options.users ?? new Map(),
    misbehave: options.misbehave ?? {},
  });
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    void exchange.answer(request, response);
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
    openWatches: exchange.openWatches,
    breakWatches: exchange.breakWatches,
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
