import { isDeepStrictEqual } from 'node:util';
import type { KubeConfig, RequestContext } from '@kubernetes/client-node';

type Dispatcher = NonNullable<ReturnType<RequestContext['getDispatcher']>>;
/** What decides how a connection is made: CA, client certificate, checks of the server, proxy. */
type DispatcherOptions = ReturnType<KubeConfig['createDispatcherOptions']>;

/** Whether connections may have been used before, and be used again. */
export type Reuse = 'kept' | 'own';

/** A use of a connection by one request. To be told once when the request is over, and whether an answer came. */
export type Use = { over(answered: boolean): void };

/** Connections that were all made alike; closed when nobody wants them any more. */
class Bundle {
  readonly options: DispatcherOptions | undefined;
  readonly dispatcher: Dispatcher;
  #users = 0;
  #retired = false;

  constructor(options: DispatcherOptions | undefined, dispatcher: Dispatcher) {
    this.options = options;
    this.dispatcher = dispatcher;
  }

  enter(): void {
    this.#users++;
  }

  leave(): void {
    this.#users--;
    this.#closeIfIdle();
  }

  /** Nobody enters from now on. */
  retire(): void {
    this.#retired = true;
    this.#closeIfIdle();
  }

  #closeIfIdle(): void {
    // In the background: one that cannot be closed in order is closed all the same.
    if (this.#retired && this.#users === 0) this.dispatcher.close().catch(() => undefined);
  }
}

/**
 * The connections of one client to one API server. The Kubernetes client authenticates every request anew, and would
 * connect anew too; here what connects is kept for as long as it would be made in the same way. Headers are never kept.
 *
 * undici's defaults do the rest: one request at a time on a connection (HTTP/2 aside), none idle for more than four
 * seconds, less than API servers and load balancers allow, unless the server announces another time; and idle ones do not
 * keep the process alive.
 */
export class Connections {
  readonly #config: KubeConfig;
  #kept: Bundle | undefined;

  constructor(config: KubeConfig) {
    this.#config = config;
  }

  /**
   * Authenticates the request and gives it its connection. `kept` is for what can be sent again: a server or load
   * balancer may close an idle connection, or vanish from behind it, just when a request goes out, and then nobody knows
   * whether it arrived.
   */
  async open(context: RequestContext, reuse: Reuse): Promise<Use> {
    const bundle = await this.#authenticate(context);
    if (bundle === undefined) return { over: () => undefined };
    const kept = reuse === 'kept';
    const used = kept ? this.#keep(bundle) : bundle;
    used.enter();
    if (!kept) used.retire();
    context.setDispatcher(used.dispatcher);
    return {
      over: (answered) => {
        // The others of the bundle may be as dead, and an HTTP/2 connection would be taken again and again.
        if (kept && !answered) this.#drop(used);
        used.leave();
      },
    };
  }

  /** Has the client sign the request, and looks over its shoulder at how it would connect. */
  async #authenticate(context: RequestContext): Promise<Bundle | undefined> {
    let options: DispatcherOptions | undefined;
    const signer: KubeConfig = Object.create(this.#config);
    signer.createDispatcherOptions = (...of) => {
      options = ownAgent(this.#config.createDispatcherOptions(...of));
      return options;
    };
    await signer.applySecurityAuthentication(context);
    const dispatcher = context.getDispatcher();
    return dispatcher === undefined ? undefined : new Bundle(options, dispatcher);
  }

  /** The kept bundle if this one would be no different; else this one, from now on. An unused one has nothing open. */
  #keep(bundle: Bundle): Bundle {
    const kept = this.#kept;
    if (kept?.options !== undefined && isDeepStrictEqual(kept.options, bundle.options)) return kept;
    this.#kept = bundle;
    kept?.retire();
    return bundle;
  }

  #drop(bundle: Bundle): void {
    if (this.#kept !== bundle) return;
    this.#kept = undefined;
    bundle.retire();
  }
}

/** Where nothing is special the client would take the connections of the whole process; this asks for as plain ones. */
function ownAgent(options: DispatcherOptions): DispatcherOptions {
  return options.type === 'none'
    ? { type: 'agent', connect: { keepAlive: true, keepAliveInitialDelay: 30_000 } }
    : options;
}
