import { expect } from 'chai';
import type { Answer, JsonMap, RawApi } from './raw-api.ts';

export const NAMESPACE = 'faultline-contract';
export const CORE = `/api/v1/namespaces/${NAMESPACE}`;
export const APPS = `/apis/apps/v1/namespaces/${NAMESPACE}`;
export const ISTIO = `/apis/networking.istio.io/v1/namespaces/${NAMESPACE}`;
export const MERGE = 'application/merge-patch+json';
export const STRATEGIC = 'application/strategic-merge-patch+json';
export const PATCH = 'application/json-patch+json';

export const configMap = (name: string, more: JsonMap = {}): JsonMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels: { app: name } },
  data: { a: '1' },
  ...more,
});

export function deployment(name: string, more: JsonMap = {}): JsonMap {
  const image = 'registry-cn-hangzhou.ack.aliyuncs.com/acs/asm-mock:v0.1';
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: [
            {
              name: 'web',
              image,
              env: [
                { name: 'app', value: 'web' },
                { name: 'version', value: '1' },
              ],
            },
          ],
        },
      },
      ...more,
    },
  };
}

/** Labelled with the revision: Istio's webhook for it looks at the object wherever it is installed. */
export const rule = (name: string, spec: JsonMap): JsonMap => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'DestinationRule',
  metadata: { name, labels: { 'istio.io/rev': 'default' } },
  spec,
});

/** The part of a refusal that says what is wrong. */
export const refusal = ({ status, body }: Answer): string =>
  `${status} ${String(body.reason ?? '')}: ${String(body.message)}`;

/** The API that a contract is about, once it is open. */
export type Opened = { readonly api: RawApi };

/** Makes an object and gives back what the server made of it. */
export async function made({ api }: Opened, path: string, object: JsonMap): Promise<JsonMap> {
  const answer = await api.call('POST', path, object);
  expect(answer.status, answer.text).to.equal(201);
  return answer.body;
}

export const metadataOf = ({ metadata }: JsonMap): JsonMap => metadata as JsonMap;

/** Waits for something that a server does in its own time. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; await new Promise((done) => setTimeout(done, 100))) {
    if (await holds()) return;
  }
  throw new Error(`waited in vain for ${what}`);
}
