import type { Json } from '../../../model/scenario.ts';
import { convert } from '../convert.ts';
import { badRequest } from '../errors.ts';
import { asMap, asObject, type JsonMap, mapOf } from '../json.ts';
import type { Resource } from '../resource.ts';
import { clusterPrinters } from './cluster.ts';
import { ageOf, column, nameOf, type Printer } from './column.ts';
import { endpointSlicePrinter, istioPrinters, networkPolicyPrinter, servicePrinter } from './network.ts';
import { podPrinter } from './pods.ts';
import { deploymentPrinter, jobPrinter, replicaSetPrinter } from './workloads.ts';

const PRINTERS: Readonly<Record<string, Printer>> = {
  ...clusterPrinters,
  ...istioPrinters,
  Pod: podPrinter,
  Deployment: deploymentPrinter,
  ReplicaSet: replicaSetPrinter,
  Job: jobPrinter,
  Service: servicePrinter,
  EndpointSlice: endpointSlicePrinter,
  NetworkPolicy: networkPolicyPrinter,
};

const NAME_AND_AGE: Printer = {
  columns: [column('Name'), column('Age')],
  row: (object, now) => [nameOf(object), ageOf(object, now)],
};

type TableOptions = {
  /** Version of meta.k8s.io that the client asked for. */
  readonly version: string;
  readonly includeObject: string | null;
  readonly now: Date;
  /** Metadata of the list, or of the one object. */
  readonly metadata: JsonMap;
  /** In a watch only the first table names the columns. */
  readonly withColumns: boolean;
};

/** The objects as a meta.k8s.io Table, the form `kubectl get` prints. */
export function toTable(resource: Resource, objects: readonly JsonMap[], options: TableOptions): JsonMap {
  const printer = PRINTERS[resource.kind] ?? NAME_AND_AGE;
  const { resourceVersion = '', continue: token, remainingItemCount } = options.metadata;
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${options.version}`,
    metadata: {
      resourceVersion,
      ...(token === undefined ? {} : { continue: token }),
      ...(remainingItemCount === undefined ? {} : { remainingItemCount }),
    },
    columnDefinitions: options.withColumns ? (printer.columns as unknown as Json) : null,
    rows: objects.map((object) => ({
      cells: printer.row(printed(resource, object), options.now),
      ...rowObject(object, options),
    })),
  };
}

/** Both Event APIs share the columns of the core one. */
function printed(resource: Resource, object: JsonMap): JsonMap {
  return resource.kind === 'Event' ? asMap(convert(asObject(object), resource, 'v1')) : object;
}

function rowObject(object: JsonMap, { includeObject, version }: TableOptions): JsonMap {
  switch (includeObject) {
    case 'None':
      return {};
    case 'Object':
      return { object };
    case null:
    case '':
    case 'Metadata':
      return { object: partialMetadata(object, version) };
    default:
      throw badRequest(`unrecognized includeObject value: ${JSON.stringify(includeObject)}`);
  }
}

/** Only the metadata of an object (meta.k8s.io PartialObjectMetadata). */
export function partialMetadata(object: JsonMap, version: string): JsonMap {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: mapOf(object.metadata) };
}
