import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';
import { parse } from 'yaml';
import type { Json } from '../../model/scenario.ts';

export type JsonMap = { [key: string]: Json };

/** What an API server answered, warnings as they stand in their headers. */
export type Answer = {
  readonly status: number;
  readonly body: JsonMap;
  readonly text: string;
  readonly warnings: readonly string[];
};

/** An API server as HTTP shows it, without any client between. */
export type RawApi = {
  call(method: string, path: string, body?: Json, contentType?: string): Promise<Answer>;
  close(): Promise<void>;
};

type Named<T> = { readonly name: string } & T;
type Kubeconfig = {
  readonly clusters: readonly Named<{ cluster: { server: string; 'certificate-authority-data'?: string } }>[];
  readonly users: readonly Named<{ user: { token: string } }>[];
  readonly contexts: readonly Named<{ context: { cluster: string; user: string } }>[];
};

/** Opens a context of a kubeconfig whose users have tokens. */
export function rawApi(kubeconfig: string, contextName: string): RawApi {
  const { clusters, users, contexts } = parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig;
  const { context } = named(contexts, contextName);
  const { cluster } = named(clusters, context.cluster);
  const { user } = named(users, context.user);
  const authority = cluster['certificate-authority-data'];
  const dispatcher = new Agent(authority === undefined ? {} : { connect: { ca: Buffer.from(authority, 'base64') } });
  return {
    call: async (method, path, body, contentType = 'application/json') => {
      const answer = await request(cluster.server + path, {
        method: method as 'GET',
        dispatcher,
        headers: { authorization: `Bearer ${user.token}`, 'content-type': contentType, accept: 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.body.text();
      const told = answer.headers.warning;
      const warnings = told === undefined ? [] : [told].flat();
      return { status: answer.statusCode, text, body: bodyOf(text), warnings };
    },
    close: () => dispatcher.close(),
  };
}

function named<T>(list: readonly Named<T>[], name: string): Named<T> {
  const found = list.find((one) => one.name === name);
  if (found === undefined) throw new Error(`the kubeconfig has no ${name}`);
  return found;
}

function bodyOf(text: string): JsonMap {
  try {
    return JSON.parse(text) as JsonMap;
  } catch {
    return {};
  }
}
