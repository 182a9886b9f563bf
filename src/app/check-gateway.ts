import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext } from 'node:tls';
import type { Check } from '../model/engine.ts';
import { messageOf } from '../model/errors.ts';
import type { TargetGateway, TlsMaterial } from '../model/target.ts';
import { tlsRemedy } from '../model/tls-remedy.ts';

/** Longest wait for a gateway to accept a connection, in milliseconds. */
const CONNECT_LIMIT_MS = 3_000;

/**
 * Whether a gateway accepts connections, and speaks TLS as its targets file says where that names the server: without a
 * name nobody can tell which certificate it would show. Never rejects.
 */
export async function checkGateway(
  what: string,
  { address, tls }: TargetGateway,
  material: TlsMaterial | undefined,
): Promise<Check> {
  if (address.kind === 'service') {
    return { what, ok: true, detail: `read from Service ${address.namespace}/${address.name} when a run begins` };
  }
  const { host, port, protocol } = address;
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
    // Advice on Node's own command line is not for whoever runs faultline.
    const why = messageOf(error).replace(/; if the root CA is installed locally.*/, '');
    const fix = name === undefined || isSystemError(error) ? ADDRESS : tlsRemedy(why);
    return { what, ok: false, detail: `${host}:${port}: ${why}`, fix };
  } finally {
    socket.destroy();
  }
}

const ADDRESS = 'Check address, port and tls in the targets file, and the gateway Service.';
/** Of the connection, which has nothing to do with TLS. */
const isSystemError = (error: unknown): boolean => error instanceof Error && 'syscall' in error;

const UNKNOWN = ' (its certificate is looked at only where tls.serverName is written)';
