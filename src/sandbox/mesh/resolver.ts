import { isIP } from 'node:net';
import type { Clock, Random } from '../../model/ports.ts';
import type { Millis } from '../../model/units.ts';
import type { Network } from '../nodes/network.ts';

type ResolverOptions = {
  readonly ip: string;
  readonly network: Pick<Network, 'fate'>;
  readonly clock: Clock;
  readonly random: Random;
};

/** Address of a cluster's DNS, as kubeadm gives it. */
const SERVER = '10.96.0.10';
const PORT = 53;
/** How long a resolver waits for an answer, and how often it asks (resolv.conf(5): timeout, attempts). */
const TIMEOUT_MS: Millis = 5_000;
const ATTEMPTS = 2;
/** A caller keeps its connections for so long after the last call, and asks for no name as long (Go: DefaultTransport). */
const KEPT_MS: Millis = 90_000;

/** How an application in a pod finds whom it calls: it asks for a name only where it has no connection to it any more. */
export class Resolver {
  readonly #options: ResolverOptions;
  /** When a name was called last. */
  readonly #called = new Map<string, Millis>();

  constructor(options: ResolverOptions) {
    this.#options = options;
  }

  /** Whether a name can be called. Which names there are is for others to say. */
  async finds(name: string, signal: AbortSignal): Promise<boolean> {
    const { clock } = this.#options;
    const last = this.#called.get(name);
    const isKept = last !== undefined && clock.now() / 1000 - last < KEPT_MS;
    if (!isKept && isIP(name) === 0 && !(await this.#asked(signal))) return false;
    this.#called.set(name, clock.now() / 1000);
    return true;
  }

  async #asked(signal: AbortSignal): Promise<boolean> {
    const { ip, network, clock, random } = this.#options;
    for (let attempt = 1; attempt <= ATTEMPTS && !signal.aborted; attempt++) {
      const fate = network.fate(ip, SERVER, PORT, random, 'udp');
      if (fate !== 'dropped') return fate === 'carried';
      await clock.sleep(TIMEOUT_MS, signal);
    }
    return false;
  }
}
