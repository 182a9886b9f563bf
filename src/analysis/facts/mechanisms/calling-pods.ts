import type { Span } from '../../timeline/windows.ts';
import type { Counted } from '../counted.ts';
import { addressOf } from '../pod-address.ts';
import { type ProxyRow, ProxyRows, readingsIn, type Step } from './proxy-rows.ts';

/** The caller of some calls, as far as it is known. */
type KnownCaller = {
  readonly zone: string;
  /** The hop of an answer that made the call; absent where the gateway did, or where no answer tells. */
  readonly hop?: { readonly service: string; readonly zone: string; readonly ip: string };
  /** Whose gateway it is. */
  readonly cluster?: string;
  /** What was called; absent where no answer tells. */
  readonly callee?: string;
};

/** Proxies that may have made some calls. */
type Suspects = {
  readonly rows: readonly ProxyRow[];
  /** It was this one proxy, and no other. */
  readonly isOne: boolean;
  /** Each of them has told something. */
  readonly isWhole: boolean;
};

/** One host that a proxy had trouble with, all its readings, and which of them lie in the span. */
export type Failing = { readonly row: ProxyRow; readonly steps: readonly Step[]; readonly at: readonly number[] };

/** Whether the readings of a span show the trouble that is looked for. */
type IsTrouble = (steps: readonly Step[]) => boolean;

const ipOf = (address: string): string => address.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');

type Pod = { readonly cluster: string; readonly pod: string };

/** Which proxies belong to the pods of callers and of hosts. */
export class CallingPods {
  readonly rows: ProxyRows;
  readonly #run: Counted;
  readonly #byAddress = new Map<string, Map<string, Pod>>();
  readonly #gateways = new Map<string, Map<string, Pod>>();

  constructor(run: Counted) {
    this.#run = run;
    this.rows = new ProxyRows(run.facts);
    for (const { endpoints, gateways = [] } of run.facts.endpoints) {
      for (const one of endpoints) note(this.#byAddress, addressOf(one), one);
      for (const one of gateways) note(this.#gateways, `${one.cluster}/${one.zone}`, one);
    }
  }

  /** The proxies that the calls of a caller may have gone through. */
  suspects({ zone, hop, cluster, callee }: KnownCaller): Suspects {
    const pods = hop === undefined ? this.#podsOf(this.#gateways, `${cluster}/${zone}`) : this.#podsAt(hop);
    const names = callee === undefined || hop === undefined ? undefined : this.#run.pods.namesOf(callee);
    const told = pods.map((pod) => this.rows.of(pod.cluster, pod.pod));
    const isCalled = ({ service }: ProxyRow): boolean => names?.includes(service) !== false;
    return {
      rows: told.flat().filter(isCalled),
      isOne: pods.length === 1,
      isWhole: told.length > 0 && told.every((rows) => rows.some(isCalled)),
    };
  }

  /**
   * Where the trouble of some proxies began: a host whose own proxy had the same trouble with one that it called has only
   * passed it on.
   */
  origins(rows: readonly ProxyRow[], span: Span, isTrouble: IsTrouble): readonly Failing[] {
    const found: Failing[] = [];
    const open = [...rows];
    const seen = new Set(open);
    // What is found on the way is looked at in its turn.
    for (const row of open) {
      for (const failing of failingOf(row, span, isTrouble)) {
        const deeper = this.#callsOf(failing).filter((one) => failingOf(one, span, isTrouble).length > 0);
        if (deeper.length === 0) found.push(failing);
        const news = deeper.filter((one) => !seen.has(one));
        for (const one of news) seen.add(one);
        open.push(...news);
      }
    }
    return found;
  }

  /** What the proxy of a host's own pod told of those that it called. */
  #callsOf({ steps: [step] }: Failing): readonly ProxyRow[] {
    if (step === undefined) return [];
    const pods = this.#podsOf(this.#byAddress, addressOf({ ip: ipOf(step.address), zone: step.zone }));
    return pods.flatMap(({ cluster, pod }) => this.rows.of(cluster, pod));
  }

  #podsAt({ service, zone, ip }: { service: string; zone: string; ip: string }): readonly Pod[] {
    if (ip !== '') return this.#podsOf(this.#byAddress, addressOf({ ip, zone }));
    const all = this.#run.facts.endpoints.flatMap(({ endpoints }) => endpoints);
    const own = new Map<string, Map<string, Pod>>();
    for (const one of all) if (one.zone === zone && this.#run.pods.isOf(one, service)) note(own, '', one);
    return this.#podsOf(own, '');
  }

  #podsOf(book: ReadonlyMap<string, ReadonlyMap<string, Pod>>, key: string): readonly Pod[] {
    return [...(book.get(key)?.values() ?? [])];
  }
}

function note(
  book: Map<string, Map<string, Pod>>,
  key: string,
  { cluster, namespace, pod }: { cluster: string; namespace: string; pod: string },
): void {
  const pods = book.get(key) ?? new Map<string, Pod>();
  book.set(key, pods.set(`${cluster}/${namespace}/${pod}`, { cluster, pod: `${namespace}/${pod}` }));
}

/** The hosts of a proxy that had trouble in a span. */
export function failingOf(row: ProxyRow, span: Span, isTrouble: IsTrouble): readonly Failing[] {
  return [...row.hosts.values()].flatMap((steps) => {
    const at = readingsIn(steps, span);
    return isTrouble(at.map((i) => steps[i] as Step)) ? [{ row, steps, at }] : [];
  });
}
