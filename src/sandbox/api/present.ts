import type { Clock } from '../../model/ports.ts';
import type { JsonMap } from './json.ts';
import { mapOf } from './json.ts';
import type { Accepted } from './negotiate.ts';
import type { Reply } from './reply.ts';
import { kindOf, type ResourceRequest } from './request.ts';
import { partialMetadata, toTable } from './table/table.ts';
import type { WatchEvent } from './watch.ts';

/** A reply in the form the client asked for: the object itself, a Table, or only its metadata. */
export function present(
  reply: Reply & { kind: 'object' | 'list' },
  target: ResourceRequest,
  accepted: Accepted,
  clock: Clock,
): JsonMap {
  const objects = reply.kind === 'list' ? reply.items : [reply.object];
  const metadata = reply.kind === 'list' ? reply.metadata : mapOf(reply.object.metadata);
  const sameKind = reply.kind === 'list' || reply.object.kind === target.resource.kind;
  if (accepted.as === 'Table' && sameKind) {
    return toTable(target.resource, objects, tableOptions(target, accepted, clock, { metadata, withColumns: true }));
  }
  if (reply.kind === 'object') {
    return accepted.as === 'PartialObjectMetadata' && sameKind
      ? partialMetadata(reply.object, accepted.version)
      : reply.object;
  }
  return accepted.as === 'PartialObjectMetadata' ? partialList(reply, accepted.version) : typedList(reply, target);
}

type ListReply = Reply & { kind: 'list' };

function partialList(reply: ListReply, version: string): JsonMap {
  return {
    kind: 'PartialObjectMetadataList',
    apiVersion: `meta.k8s.io/${version}`,
    metadata: reply.metadata,
    items: reply.items.map((item) => partialMetadata(item, version)),
  };
}

/** Items of built-in lists carry no kind and apiVersion, those of custom resources do, as on a real server. */
function typedList(reply: ListReply, target: ResourceRequest): JsonMap {
  const { apiVersion, kind } = kindOf(target);
  const items = target.resource.custom
    ? [...reply.items]
    : reply.items.map(({ apiVersion: _, kind: __, ...item }): JsonMap => item);
  return { kind: `${kind}List`, apiVersion, metadata: reply.metadata, items };
}

type TablePart = { readonly metadata: JsonMap; readonly withColumns: boolean };

function tableOptions(
  target: ResourceRequest,
  { version }: Accepted,
  clock: Clock,
  part: TablePart,
): Parameters<typeof toTable>[2] {
  return { version, includeObject: target.query.get('includeObject'), now: clock.wall(), ...part };
}

/** Turns the events of a watch into the form the client asked for. */
export function watchPresenter(
  target: ResourceRequest,
  accepted: Accepted,
  clock: Clock,
): (event: WatchEvent) => WatchEvent {
  let first = true;
  return (event) => {
    if (accepted.as === 'Object' || event.type === 'ERROR') return event;
    if (accepted.as === 'PartialObjectMetadata') {
      return { type: event.type, object: partialMetadata(event.object, accepted.version) };
    }
    const part = { metadata: mapOf(event.object.metadata), withColumns: first };
    first = false;
    return {
      type: event.type,
      object: toTable(target.resource, [event.object], tableOptions(target, accepted, clock, part)),
    };
  };
}
