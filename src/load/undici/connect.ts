import net from 'node:net';
import tls from 'node:tls';
import type { buildConnector } from 'undici';
import type { Path, TlsMaterial } from '../../model/target.ts';
import type { Millis } from '../../model/units.ts';
import { NoHttp2, OwnTimeout } from './errors.ts';

/**
 * Opens connections of one path, always to that path's own address whatever the request's host is: the Host header, the
 * TLS server name and the certificate check stay those of the host. One address per attempt, no fallback to another,
 * no TLS session kept: each connection proves the whole way.
 */
export class Connector {
  readonly #path: Path;
  readonly #patience: Millis;
  readonly #secure: tls.SecureContext | undefined;
  #answering = false;

  /**
   * An attempt is given up after `patience`: nobody waits for it any longer. A `ca` of the material replaces node's
   * trusted authorities. Throws when the material is no certificate or key.
   */
  constructor(path: Path, patience: Millis, material: TlsMaterial | undefined) {
    this.#path = path;
    this.#patience = patience;
    this.#secure =
      material === undefined ? undefined : tls.createSecureContext({ ca: material.ca, ...material.client });
  }

  /**
   * True while undici is being handed a new connection. A request that starts at that moment is the one it was opened
   * for: undici writes the waiting request before it returns.
   */
  get answering(): boolean {
    return this.#answering;
  }

  readonly connect: buildConnector.connector = (wanted, callback) => {
    const socket = this.#open(wanted.servername);
    socket.setNoDelay(true).setKeepAlive(true, 60_000);
    const timer = setTimeout(() => socket.destroy(this.#timeout()), this.#patience);
    let answered = false;
    const opened = () => {
      const refusal = this.#path.http2 ? refusalOf(socket) : undefined;
      answer(refusal ?? null);
      if (refusal !== undefined) socket.destroy();
    };
    const answer = (error: Error | null) => {
      if (answered) return;
      answered = true;
      clearTimeout(timer);
      this.#answering = error === null;
      if (error === null) callback(null, socket);
      else callback(error, null);
      this.#answering = false;
    };
    socket.once(this.#path.protocol === 'https' ? 'secureConnect' : 'connect', opened);
    socket.on('error', (error) => {
      answer(error);
      // An alert of TLS leaves the socket open until the other side closes it, and undici would tell that in its place.
      socket.destroy(error);
    });
  };

  #timeout(): Error {
    return new OwnTimeout(`no connection to ${this.#path.host}:${this.#path.port}`);
  }

  #open(servername: string | undefined): net.Socket {
    const { protocol, host, port, http2, tls: how } = this.#path;
    const address = { host, port, autoSelectFamily: false };
    if (protocol === 'http') return net.connect(address);
    const name = how?.serverName ?? servername;
    return tls.connect({
      ...address,
      ALPNProtocols: [http2 ? 'h2' : 'http/1.1'],
      ...(name ? { servername: name } : {}),
      ...(this.#secure === undefined ? {} : { secureContext: this.#secure }),
      ...(how?.insecure ? { rejectUnauthorized: false } : {}),
    });
  }
}

/** Why nothing can be sent over a connection that was opened for HTTP/2. Without TLS it is spoken unasked (RFC 9113, section 3.3). */
function refusalOf(socket: net.Socket): Error | undefined {
  if (!(socket instanceof tls.TLSSocket) || socket.alpnProtocol === 'h2') return undefined;
  return new NoHttp2('the gateway does not choose HTTP/2 by ALPN');
}
