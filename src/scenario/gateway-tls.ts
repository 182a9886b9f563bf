import type { GatewayTls, PemSource } from '../model/target.ts';
import type { Decoded } from '../schema/schema.ts';
import { filePath } from './file-path.ts';
import type { tls } from './tls-schema.ts';

type Tls = Decoded<typeof tls>;

/** What is written about TLS in one place of a targets file. */
export type TlsDocument = { readonly tls: Tls | undefined; readonly written: readonly (string | number)[] };

/** Where a PEM text that stands at `written` is read from. */
export function pemSource(
  value: string | { readonly env: string },
  written: readonly (string | number)[],
  folder: string,
): PemSource {
  if (typeof value === 'string') return { file: filePath(value, folder), written };
  return { env: value.env, written: [...written, 'env'] };
}

/**
 * How TLS is spoken to a gateway, of what is written about it, the nearest first; undefined where nothing is. Who says
 * `insecure` or `ca` nearest decides whether certificates are checked.
 */
export function gatewayTls(documents: readonly TlsDocument[], folder: string): GatewayTls | undefined {
  const find = <K extends keyof Tls>(field: K) => documents.find(({ tls: one }) => one?.[field] !== undefined);
  const source = (field: 'ca' | 'cert' | 'key'): PemSource | undefined => {
    const found = find(field);
    const value = found?.tls?.[field];
    if (found === undefined || value === undefined) return undefined;
    return pemSource(value, [...found.written, field], folder);
  };
  const trust = documents.find(({ tls: one }) => one?.insecure !== undefined || one?.ca !== undefined)?.tls;
  const insecure = trust?.insecure === true;
  const ca = insecure ? undefined : source('ca');
  const [cert, key] = [source('cert'), source('key')];
  const serverName = find('serverName')?.tls?.serverName;
  const result: GatewayTls = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined || key === undefined ? {} : { client: { cert, key } }),
    ...(serverName === undefined ? {} : { serverName }),
    ...(insecure ? { insecure } : {}),
  };
  return Object.keys(result).length === 0 ? undefined : result;
}
