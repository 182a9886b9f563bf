import { ApiError } from './errors.ts';

/** What the client wants to see. */
export type Accepted = {
  readonly format: 'json' | 'yaml';
  readonly as: 'Object' | 'Table' | 'PartialObjectMetadata';
  /** Version of meta.k8s.io for Table and PartialObjectMetadata. */
  readonly version: string;
};

const PLAIN: Accepted = { format: 'json', as: 'Object', version: 'v1' };

/** The first media type of an Accept header that the server can write. Protobuf is passed over; alone it is 406. */
export function negotiate(header: string | undefined): Accepted {
  if (header === undefined || header.trim() === '') return PLAIN;
  for (const type of header.split(',')) {
    const accepted = readType(type);
    if (accepted !== undefined) return accepted;
  }
  const message = 'only the following media types are accepted: application/json, application/yaml';
  throw new ApiError(406, 'NotAcceptable', message);
}

function readType(type: string): Accepted | undefined {
  const [name = '', ...rest] = type.split(';').map((part) => part.trim());
  const parameters = new Map(rest.map((part) => part.split('=') as [string, string]));
  const format = ({ 'application/yaml': 'yaml', 'application/json': 'json' } as const)[name];
  if (name === '*/*' || name === 'application/*') return PLAIN;
  if (format === undefined) return undefined;
  const as = parameters.get('as');
  const version = parameters.get('v') ?? 'v1';
  if (as === undefined) return { format, as: 'Object', version };
  if (parameters.get('g') !== 'meta.k8s.io') return undefined;
  if (as === 'Table') return { format, as, version };
  return as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList'
    ? { format, as: 'PartialObjectMetadata', version }
    : undefined;
}
