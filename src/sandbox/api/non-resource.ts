import { aggregatedDiscovery, apiGroup, apiGroupList, apiResourceList, apiVersions } from './discovery.ts';
import { methodNotAllowed } from './errors.ts';
import type { JsonMap } from './json.ts';
import { openApiDocument, openApiIndex, openApiV2, openApiV2Protobuf } from './openapi.ts';
import { objectReply, type Reply, textReply } from './reply.ts';
import type { Resource } from './resource.ts';
import type { ServerVersion } from './version.ts';

export type PlainRequest = {
  readonly method: string;
  readonly path: string;
  readonly accept: string;
  readonly address: string;
  readonly version: ServerVersion;
  /** What the server serves now. */
  readonly served: () => readonly Resource[];
};

const OPENAPI_V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
const AGGREGATED = /as=APIGroupDiscoveryList/;
const AGGREGATED_TYPE = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Health is answered to everybody, also without a token. */
export function healthReply(path: string): Reply | undefined {
  return /^\/(healthz|livez|readyz)(\/ping)?$/.test(path) ? textReply('ok') : undefined;
}

/** What Go's web server, and so an API server, answers for what nobody serves: groups that are not installed, too. */
export function nobodysReply(): Reply {
  return { ...textReply('404 page not found\n'), code: 404 };
}

/** Everything that is neither a resource nor a review: discovery, OpenAPI, version. */
export function documentReply(request: PlainRequest): Reply | undefined {
  const document = discoveryReply(request) ?? openApiReply(request);
  if (document === undefined) return undefined;
  if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed();
  return document;
}

function discoveryReply({ path, accept, address, version: told, served }: PlainRequest): Reply | undefined {
  const trimmed = path.replace(/(.)\/$/, '$1');
  if ((trimmed === '/api' || trimmed === '/apis') && AGGREGATED.test(accept) && accept.includes('v=v2;')) {
    return {
      kind: 'raw',
      code: 200,
      contentType: AGGREGATED_TYPE,
      body: JSON.stringify(aggregatedDiscovery(trimmed, served())),
    };
  }
  if (trimmed === '/api') return plain(apiVersions(address));
  if (trimmed === '/apis') return plain(apiGroupList(served()));
  if (trimmed === '/version') return plain(told);
  if (trimmed === '/')
    return plain({
      paths: ['/api', '/api/v1', '/apis', '/healthz', '/livez', '/openapi/v2', '/openapi/v3', '/readyz', '/version'],
    });
  const match = /^\/(?:api\/(v1)|apis\/([^/]+)(?:\/([^/]+))?)$/.exec(trimmed);
  if (match === null) return undefined;
  const [, core, group = '', version] = match;
  return plain(
    core === undefined && version === undefined
      ? apiGroup(group, served())
      : apiResourceList(core ?? `${group}/${version}`, served()),
  );
}

function openApiReply({ path, accept, version: { gitVersion }, served }: PlainRequest): Reply | undefined {
  if (path === '/openapi/v2') {
    if (!accept.includes('protobuf')) return plain(openApiV2(gitVersion));
    return { kind: 'raw', code: 200, contentType: OPENAPI_V2_PROTOBUF, body: openApiV2Protobuf(gitVersion) };
  }
  if (path === '/openapi/v3') return plain(openApiIndex(served(), gitVersion));
  return path.startsWith('/openapi/v3/')
    ? plain(openApiDocument(path.slice('/openapi/v3/'.length), served(), gitVersion))
    : undefined;
}

function plain(document: unknown): Reply | undefined {
  return document === undefined ? undefined : objectReply(document as JsonMap);
}
