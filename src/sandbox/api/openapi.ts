import { createHash } from 'node:crypto';
import type { Json } from '../../model/scenario.ts';
import { servedApiVersions } from './discovery.ts';
import type { JsonMap } from './json.ts';
import type { Resource } from './resource.ts';
import { resourceAt, splitApiVersion } from './resources.ts';

const TITLE = 'Kubernetes';

function rootOf(apiVersion: string): string {
  return apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`;
}

/** `/openapi/v3`: where the document of each group and version is. */
export function openApiIndex(served: readonly Resource[], serverVersion: string): Json {
  const entries = servedApiVersions(served).map((apiVersion): [string, Json] => {
    const root = rootOf(apiVersion);
    const hash = createHash('sha256').update(`${root} ${serverVersion}`).digest('hex').toUpperCase();
    return [root, { serverRelativeURL: `/openapi/v3/${root}?hash=${hash}` }];
  });
  return { paths: Object.fromEntries(entries) };
}

/**
 * `/openapi/v3/apis/GROUP/VERSION`: just what kubectl looks up in it. It asks whether the PATCH of a kind takes `dryRun` and
 * `fieldValidation`. No schemas, and no strategic merge patch among the content types: so kubectl computes patches with the
 * types it was built with.
 */
export function openApiDocument(path: string, served: readonly Resource[], serverVersion: string): Json | undefined {
  const apiVersion = path.replace(/^apis?\//, '');
  if (rootOf(apiVersion) !== path) return undefined;
  const { version } = splitApiVersion(apiVersion);
  const resources = served.filter((one) => resourceAt(apiVersion, one.plural) === one);
  if (resources.length === 0) return undefined;
  const paths = resources.map((resource): [string, Json] => [pathOf(path, resource), operations(resource, version)]);
  const info = { title: TITLE, version: serverVersion };
  return { openapi: '3.0.0', info, paths: Object.fromEntries(paths), components: { schemas: {} } };
}

function pathOf(root: string, resource: Resource): string {
  return resource.namespaced
    ? `/${root}/namespaces/{namespace}/${resource.plural}/{name}`
    : `/${root}/${resource.plural}/{name}`;
}

function operations({ group, kind }: Resource, version: string): JsonMap {
  const parameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map((name) => ({
    name,
    in: 'query',
    schema: { type: name === 'force' ? 'boolean' : 'string', uniqueItems: true },
  }));
  const gvk = { group, version, kind };
  const responses = { '200': { description: 'OK' } };
  return {
    patch: {
      description: `partially update the specified ${kind}`,
      parameters,
      responses,
      'x-kubernetes-action': 'patch',
      'x-kubernetes-group-version-kind': gvk,
    },
  };
}

/** `/openapi/v2` as JSON: valid and empty, which makes clients skip their own validation. */
export function openApiV2(serverVersion: string): Json {
  return { swagger: '2.0', info: { title: TITLE, version: serverVersion }, paths: {}, definitions: {} };
}

/** The same in the protobuf encoding of gnostic's openapi.v2.Document: field 1 `swagger`, field 2 `info`, field 8 `paths`. */
export function openApiV2Protobuf(serverVersion: string): Buffer {
  const info = Buffer.concat([textField(1, TITLE), textField(2, serverVersion)]);
  return Buffer.concat([textField(1, '2.0'), field(2, info), field(8, Buffer.alloc(0))]);
}

function textField(number: number, text: string): Buffer {
  return field(number, Buffer.from(text));
}

/** A length-delimited protobuf field; every length here is below 128. */
function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes]);
}
