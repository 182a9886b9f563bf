import net from 'node:net';
import tls from 'node:tls';
import type { buildConnector } from 'undici';
import type { Path } from '../../model/target.ts';
import type { Millis } from '../../model/units.ts';
import { OwnTimeout } from './errors.ts';

/**
 * Opens connections of one path, always to that path's own address whatever the request's host is: the Host header, the
 * TLS server name and the certificate check stay those of the host. One address per attempt, no fallback to another,
 * no TLS session kept: each connection proves the whole way.
 */
export class Connector {
  readonly #path: Path;
  readonly #patience: Millis;
  readonly #ca: string | undefined;
  #answering = false;

  /** An attempt is given up after `patience`: nobody waits for it any longer. `ca` replaces node's trusted authorities. */
  constructor(path: Path, patience: Millis, ca: string | undefined) {
    this.#path = path;
    this.#patience = patience;
    this.#ca = ca;
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
    const answer = (error: Error | null) => {
      if (answered) return;
      answered = true;
      clearTimeout(timer);
      this.#answering = error === null;
      if (error === null) callback(null, socket);
      else callback(error, null);
      this.#answering = false;
    };
    socket.once(this.#path.protocol === 'https' ? 'secureConnect' : 'connect', () => answer(null));
    socket.on('error', answer);
  };

  #timeout(): Error {
    return new OwnTimeout(`no connection to ${this.#path.host}:${this.#path.port}`);
  }

  #open(servername: string | undefined): net.Socket {
    const { protocol, host, port } = this.#path;
    const address = { host, port, autoSelectFamily: false };
    if (protocol === 'http') return net.connect(address);
    return tls.connect({
      ...address,
      ALPNProtocols: ['http/1.1'],
      ...(servername ? { servername } : {}),
      ...(this.#ca === undefined ? {} : { ca: this.#ca }),
    });
  }
}
