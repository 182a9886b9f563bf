import { isGoodStatus, statusRanges } from '../model/good.ts';
import type { ContentCheck, GoodRequest, Load, PathTemplate, RequestBody } from '../model/scenario.ts';
import { formatDuration } from '../model/units.ts';

/** What is sent and expected besides a plain request with status 200; nothing where every request is one. */
export function describeRequests(load: Load): string[] {
  return load.paths.flatMap((path) => {
    const good = path.good ?? load.good;
    const isPlain =
      path.request.body === undefined &&
      path.request.protocol === undefined &&
      path.good === undefined &&
      good.content === undefined;
    return isPlain && isGoodStatus(200, good) ? [] : [describeRequest(path, good)];
  });
}

function describeRequest({ name, request }: PathTemplate, good: GoodRequest): string {
  const body = request.body === undefined ? '' : ` with ${bodyText(request.body)}`;
  const status = statusRanges(good).map(({ from, to }) => (from === to ? from : `${from}-${to}`));
  const parts = [
    `status ${status.join(' or ')}`,
    ...(good.chain.length === 0 ? [] : [`chain ${good.chain.join(' > ')}`]),
    ...(good.content ?? []).map(checkText),
    `within ${formatDuration(good.latencyMs)}`,
  ];
  const call = request.protocol === 'grpc' ? `gRPC ${request.path}` : `${request.method} ${request.path}`;
  return `  ${name}: ${call}${body}; good: ${parts.join(', ')}`;
}

function bodyText(body: RequestBody): string {
  if (body.kind === 'file') return `the file ${body.file}`;
  if (body.kind === 'env') return `a body from ${body.env}`;
  if (body.kind === 'health') return `the service ${JSON.stringify(body.service)}`;
  const size = Buffer.byteLength(body.text);
  return body.kind === 'json' ? `JSON (about ${size} bytes)` : `text (${size} bytes)`;
}

function checkText(check: ContentCheck): string {
  if (check.of === 'grpc') return `gRPC ${check.status.join(' or ')}${check.serving ? ' and SERVING' : ''}`;
  const where =
    check.of === 'header' ? `header ${check.name}` : `body${check.pointer === undefined ? '' : ` ${check.pointer}`}`;
  const { expected } = check;
  return 'matches' in expected ? `${where} like /${expected.matches}/` : `${where} ${JSON.stringify(expected.equals)}`;
}
