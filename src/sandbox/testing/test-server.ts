import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../model/ports.ts';
import { WrittenLog } from '../api/container-log.ts';
import { type JsonMap, mapOf } from '../api/json.ts';
import { type ApiServer, startApiServer } from '../api/server.ts';
import { createStore, type ObjectStore } from '../api/store.ts';
import { startControllers } from '../controllers/start.ts';
import { seeded } from './controllers-harness.ts';
import { FaultyApi } from './faulty-api.ts';
import { type StubKubelet, startStubKubelet } from './stub-kubelet.ts';
import { TestUsers } from './users.ts';

export const systemClock: Clock = {
  now: () => Math.round(performance.now() * 1000),
  wall: () => new Date(),
  sleep: async (ms, signal) => {
    await delay(ms, undefined, { ref: false, ...(signal === undefined ? {} : { signal }) }).catch(() => undefined);
  },
};

export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly body: JsonMap;
  readonly text: string;
};

export type TestServer = {
  readonly server: ApiServer;
  readonly store: ObjectStore;
  readonly kubelet: StubKubelet;
  readonly misbehave: FaultyApi;
  /** The token of the administrator is `secret`. */
  readonly users: TestUsers;
  /** The log of a container given as `namespace/pod/container`; two lines long at first. */
  logOf(container: string): WrittenLog;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  patch(path: string, type: string, body: unknown): Promise<Answer>;
  watch(path: string, headers?: Record<string, string>): Promise<TestWatch>;
  close(): Promise<void>;
};

export type TestWatch = {
  readonly events: { type: string; object: JsonMap }[];
  /** Waits for so many events. */
  got(count: number): Promise<{ type: string; object: JsonMap }[]>;
  /** Waits for the end; `cut` when it was no orderly one. */
  ended(): Promise<'end' | 'cut'>;
  stop(): void;
};

/** Waits until something holds; fails after ten seconds. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await delay(2);
  }
}

/** An API server with controllers and a stub kubelet, on a free port. */
export async function startTestServer(): Promise<TestServer> {
  const random = seeded(7);
  const store = createStore({ clock: systemClock, random });
  const controllers = startControllers({ store, clock: systemClock, random });
  const kubelet = startStubKubelet({ store, clock: systemClock });
  const misbehave = new FaultyApi();
  const users = new TestUsers();
  const logs = new Map<string, WrittenLog>();
  const logOf = (container: string): WrittenLog => {
    const log = logs.get(container) ?? new WrittenLog();
    if (!logs.has(container)) log.write(`first line of ${container}\nsecond line\n`);
    logs.set(container, log);
    return log;
  };
  const server = await startApiServer({
    store,
    clock: systemClock,
    random,
    host: '127.0.0.1',
    port: 0,
    token: 'secret',
    clusterName: 'test',
    podProxy: async (namespace, pod, port, path, { method, contentType, body }) => ({
      status: path.startsWith('/missing') ? 404 : 200,
      contentType: 'text/plain',
      body: method === 'GET' ? `${namespace} ${pod} ${port} ${path}` : `${method} ${path} ${contentType} ${body}`,
    }),
    podLog: (namespace, pod, container) => logOf(`${namespace}/${pod}/${container}`),
    parts: { handler: (own) => misbehave.handler(users.handler(own)), userOf: users.userOf },
  });

  const namespaces = store.list({ apiVersion: 'v1', kind: 'Namespace' }).length;
  const accounts = { apiVersion: 'v1', kind: 'ServiceAccount' };
  await until('service accounts', () => store.list(accounts).length === namespaces);

  const call: TestServer['call'] = async (method, path, body, headers = {}) => {
    const response = await fetch(server.url + path, {
      method,
      headers: { 'content-type': 'application/json', authorization: 'Bearer secret', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parse(text), text };
  };
  return {
    server,
    store,
    kubelet,
    misbehave,
    users,
    logOf,
    call,
    patch: (path, type, body) => call('PATCH', path, body, { 'content-type': `application/${type}` }),
    watch: (path, headers = {}) => openWatch(server.url + path, headers),
    close: async () => {
      controllers.stop();
      kubelet.stop();
      await server.close();
    },
  };
}

function parse(text: string): JsonMap {
  try {
    return mapOf(JSON.parse(text));
  } catch {
    return {};
  }
}

async function openWatch(url: string, headers: Record<string, string>): Promise<TestWatch> {
  const abort = new AbortController();
  const events: TestWatch['events'] = [];
  let ending: 'end' | 'cut' | undefined;
  const response = await fetch(url, { headers, signal: abort.signal });
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of response.body ?? []) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      events.push(...lines.map((line) => JSON.parse(line)));
    }
  };
  const reading = read().then(
    () => {
      ending = 'end';
    },
    () => {
      ending = 'cut';
    },
  );
  return {
    events,
    got: async (count) => {
      await until(`${count} events`, () => events.length >= count);
      return events;
    },
    ended: async () => {
      await reading;
      return ending ?? 'cut';
    },
    stop: () => abort.abort(),
  };
}
