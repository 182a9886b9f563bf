import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext } from 'node:tls';
import { wording } from '../../load/words.ts';
import { SERVICE_LABEL } from '../../model/endpoint-slice.ts';
import type { Check } from '../../model/engine.ts';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import type { TargetGateway, TlsMaterial } from '../../model/target.ts';
import { tlsRemedy } from '../../model/tls-remedy.ts';

/** Longest wait for a gateway to accept a connection, in milliseconds. */
const CONNECT_LIMIT_MS = 3_000;

/** Where a gateway answers. */
type Address = { readonly protocol: 'http' | 'https'; readonly host: string; readonly port: number };

/**
 * Whether a gateway has an address, accepts connections, and speaks TLS as its targets file says where that names the server: without a
 * name nobody can tell which certificate it would show. Never rejects.
 */
export async function checkGateway(
  what: string,
  gateway: TargetGateway,
  material: TlsMaterial | undefined,
  resolve: (address: TargetGateway['address']) => Promise<Address>,
): Promise<Check> {
  try {
    return await checkAddress(what, await resolve(gateway.address), gateway, material);
  } catch (error) {
    const fix = error instanceof FaultlineError ? error.hint : undefined;
    return { what, ok: false, detail: messageOf(error), ...(fix === undefined ? {} : { fix }) };
  }
}

async function checkAddress(
  what: string,
  { host, port, protocol }: Address,
  { tls, address }: TargetGateway,
  material: TlsMaterial | undefined,
): Promise<Check> {
  const name = protocol === 'https' ? tls?.serverName : undefined;
  const open = (): Socket => {
    if (name === undefined) return connect({ host, port });
    const secureContext = createSecureContext({ ca: material?.ca, ...material?.client });
    return connectTls({ host, port, servername: name, secureContext, rejectUnauthorized: tls?.insecure !== true });
  };
  const socket = open();
  socket.setTimeout(CONNECT_LIMIT_MS, () => socket.destroy(new Error(`no answer for ${CONNECT_LIMIT_MS / 1000} s`)));
  try {
    await once(socket, name === undefined ? 'connect' : 'secureConnect');
    const spoken = name === undefined ? (protocol === 'https' ? UNKNOWN : '') : ` and speaks TLS as ${name}`;
    return { what, ok: true, detail: `${host}:${port} accepts connections${spoken}` };
  } catch (error) {
    const why = wording({ message: messageOf(error), code: '' });
    const fix = name === undefined || isSystemError(error) ? addressRemedy(address) : tlsRemedy(why);
    return { what, ok: false, detail: `${host}:${port}: ${why}`, fix };
  } finally {
    socket.destroy();
  }
}

/** A Service without pods has an address, too. */
function addressRemedy(address: TargetGateway['address']): string {
  if (address.kind === 'url') return 'Check address, port and tls in the targets file, and the gateway Service.';
  const { namespace, name } = address;
  const slices = `kubectl -n ${namespace} get endpointslices -l ${SERVICE_LABEL}=${name}`;
  return `Check port and tls in the targets file, and whether pods are behind the Service: kubectl -n ${namespace} get service ${name} && ${slices}`;
}

/** Of the connection, which has nothing to do with TLS. */
const isSystemError = (error: unknown): boolean => error instanceof Error && 'syscall' in error;

const UNKNOWN = ' (its certificate is looked at only where tls.serverName is written)';
