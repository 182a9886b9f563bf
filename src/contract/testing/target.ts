import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { parse } from 'yaml';
import { type RawApi, rawApi } from './raw-api.ts';

/** One service of an answer and the zone that served it. */
type Hop = { readonly service: string; readonly zone: string };
/** An answer of a zone's gateway. */
export type Reply = {
  readonly status: number;
  readonly text: string;
  readonly hops: readonly Hop[];
  readonly location: string | undefined;
};

const DNS_MS = 90_000;

type TargetsFile = {
  readonly spec: {
    readonly clusters: readonly {
      name: string;
      kubeconfig: string;
      context: string;
      gateways: readonly { zone: string; address: string }[];
    }[];
  };
};

/** Two clusters and their gateways, whatever they are made of: all that a contract knows of a target. */
export class ContractTarget {
  readonly clusters: ReadonlyMap<string, RawApi>;
  readonly #gateways: ReadonlyMap<string, string>;
  readonly #settleMs: number;
  readonly #agent = new Agent({ connections: 64 });

  /** `settleMs`: how long a change of configuration may take to reach every proxy. */
  constructor(file: string, settleMs: number) {
    const { clusters } = (parse(readFileSync(file, 'utf8')) as TargetsFile).spec;
    const gateways = clusters.flatMap((cluster) => cluster.gateways);
    this.clusters = new Map(
      clusters.map(({ name, kubeconfig, context }) => [name, rawApi(resolve(dirname(file), kubeconfig), context)]),
    );
    this.#gateways = new Map(gateways.map(({ zone, address }) => [zone, address.replace(/^(?!http)/, 'http://')]));
    this.#settleMs = settleMs;
  }

  api(cluster: string): RawApi {
    const found = this.clusters.get(cluster);
    if (found === undefined) throw new Error(`no cluster ${cluster}`);
    return found;
  }

  /** Lets what was changed arrive. */
  settle(): Promise<unknown> {
    return sleep(this.#settleMs);
  }

  /** Lets callers forget an address that was another one: DNS answers are kept for a while. */
  async knownToDns(zone: string): Promise<void> {
    await this.settle();
    for (const end = Date.now() + DNS_MS; Date.now() < end; await this.settle()) {
      const replies = await this.ask(zone, 1).catch(() => []);
      if (replies.length > 0 && badOf(replies) === 0) return;
    }
    throw new Error(`no whole chain from ${zone} within ${DNS_MS / 1000} s of the change of an address`);
  }

  /** Sends requests through a zone's gateway, one after the other, or so many at once. */
  async ask(zone: string, count: number, { atOnce = 1, path = '/mock' } = {}): Promise<Reply[]> {
    const replies: Reply[] = [];
    let left = count;
    const one = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        replies.push(await this.#askOnce(zone, path));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, one));
    return replies;
  }

  async close(): Promise<void> {
    await this.#agent.close();
    for (const api of this.clusters.values()) await api.close();
  }

  async #askOnce(zone: string, path: string): Promise<Reply> {
    const address = this.#gateways.get(zone);
    if (address === undefined) throw new Error(`no gateway in ${zone}`);
    const { statusCode, headers, body } = await request(address + path, {
      headers: { host: 'mock.asm-demo.work' },
      dispatcher: this.#agent,
      signal: AbortSignal.timeout(15_000),
    });
    const text = await body.text();
    const hops = [...text.matchAll(/-> (\w+)\(version: ([^,]+), ip: [^)]+\)/g)].map(([, service = '', at = '']) => ({
      service,
      zone: at,
    }));
    return { status: statusCode, text, hops, location: headers.location?.toString() };
  }
}

/** How many answers name a zone for a service; `none` where they do not name the service. */
export function zonesOf(replies: readonly Reply[], service: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { hops } of replies) {
    const zone = hops.find((hop) => hop.service === service)?.zone ?? 'none';
    counts[zone] = (counts[zone] ?? 0) + 1;
  }
  return counts;
}

/** How many answers are no complete chain of three services. */
export function badOf(replies: readonly Reply[]): number {
  return replies.filter(({ status, hops }) => status !== 200 || hops.length !== 3).length;
}
