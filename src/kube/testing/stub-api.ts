import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import type { Json } from '../../model/scenario.ts';

/** One request as the stub has seen it. */
type Asked = {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly contentType: string | undefined;
  readonly body: Json;
};

/** A body with its status, or the lines of a stream that ends after them unless it stays open. */
export type Answer =
  | { readonly status?: number; readonly body: Json }
  | { readonly stream: readonly Json[]; readonly stays?: true };

export type StubApi = {
  readonly config: KubeConfig;
  readonly url: string;
  /** Everything but discovery. */
  readonly asked: Asked[];
  answer: (asked: Asked) => Answer | Promise<Answer>;
  /** Streams that are open now. */
  streams: number;
  /** How often discovery was asked, and what it says of each group version. */
  discoveries: number;
  discovery: (path: string) => Answer;
  close(): Promise<void>;
};

const resource = (kind: string, name: string, namespaced = true) => ({ kind, name, namespaced });

const DISCOVERY: Readonly<Record<string, Json>> = {
  '/api/v1': [
    resource('Pod', 'pods/log'),
    resource('Pod', 'pods'),
    resource('Node', 'nodes', false),
    resource('Namespace', 'namespaces', false),
    resource('ConfigMap', 'configmaps'),
  ],
  '/apis/apps/v1': [resource('Deployment', 'deployments/scale'), resource('Deployment', 'deployments')],
};

/** An API server that answers what a spec says and notes what it was asked. */
export async function stubApi(): Promise<StubApi> {
  const server = createServer((request, response) => void respond(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = new KubeConfig();
  config.loadFromClusterAndUser({ name: 'c', server: url, skipTLSVerify: true }, { name: 'u', token: 't' });
  const api: StubApi = {
    config,
    url,
    asked: [],
    answer: ({ path }) => ({ body: { metadata: { name: nameIn(path) }, items: [] } }),
    streams: 0,
    discoveries: 0,
    discovery: (path) => ({ body: { resources: DISCOVERY[path] ?? [] } }),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = await readAsked(request);
    if (asked.path in DISCOVERY) {
      api.discoveries++;
      write(response, api.discovery(asked.path));
    } else {
      api.asked.push(asked);
      const answer = await api.answer(asked);
      if ('stream' in answer) {
        api.streams++;
        response.once('close', () => api.streams--);
      }
      write(response, answer);
    }
  }

  return api;
}

/** What is asked for by name, as far as a path tells. */
function nameIn(path: string): string {
  return decodeURIComponent(path.split('/').at(-1) ?? '');
}

async function readAsked(request: IncomingMessage): Promise<Asked> {
  const { method = '', url = '', headers } = request;
  const [path = '', query = ''] = url.split('?');
  const text = (await request.toArray()).join('');
  return {
    method,
    path,
    query: Object.fromEntries(new URLSearchParams(query)),
    contentType: headers['content-type'],
    body: text === '' ? null : JSON.parse(text),
  };
}

function write(response: ServerResponse, answer: Answer): void {
  const status = 'stream' in answer ? 200 : (answer.status ?? 200);
  response.writeHead(status, { 'content-type': 'application/json' });
  if ('body' in answer) {
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
    return;
  }
  response.flushHeaders();
  for (const line of answer.stream) response.write(`${JSON.stringify(line)}\n`);
  if (answer.stays !== true) response.end();
}
