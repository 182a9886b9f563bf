import type { Chain, RequestRecord } from '../../../model/record.ts';
import {
  emptyRecord,
  encodeChain,
  encodeHeader,
  encodePath,
  encodeRequest,
  encodeText,
} from '../../../model/record-codec.ts';
import type { Drill } from './drill.ts';
import type { Req } from './traffic.ts';

/** The record file of a drill: in the order in which requests ended, a few of them told a little late. */
export function writeRecords(drill: Pick<Drill, 'requests' | 'world' | 'rng'>): string {
  const told = drill.requests.map((request) => ({ request, at: request.end + jitter(drill) }));
  told.sort((a, b) => a.at - b.at);
  return new Writer(drill).write(told.map(({ request }) => request));
}

function jitter({ rng }: Pick<Drill, 'rng'>): number {
  return rng.chance(0.05) ? rng.between(0, 30_000) : 0;
}

class Writer {
  readonly #lines: string[];
  readonly #chains = new Map<string, number>();
  readonly #texts = new Map<string, number>();

  constructor({ world }: Pick<Drill, 'world'>) {
    this.#lines = [
      encodeHeader({ format: 'faultline/requests', v: 1, engine: 'undici' }),
      ...world.paths.map((path, i) => encodePath(i, path.id)),
    ];
  }

  write(requests: readonly Req[]): string {
    for (const request of requests) this.#lines.push(encodeRequest(this.#record(request)));
    return this.#lines.join('');
  }

  #record(request: Req): RequestRecord {
    const { path, seq, due, start, end, ended, status, error, fresh } = request;
    const chain = ended === 'response' && request.chain !== undefined ? this.#chain(request.chain) : -1;
    const text = ended === 'error' && request.text !== undefined ? this.#text(request.text) : -1;
    return { ...emptyRecord(), path, seq, due, start, end, ended, status, error, fresh, chain, text };
  }

  #chain(chain: Chain): number {
    const key = `${chain.hops.map((hop) => `${hop.service}|${hop.zone}|${hop.ip}`).join('>')}#${chain.rest}`;
    const known = this.#chains.get(key);
    if (known !== undefined) return known;
    const index = this.#chains.size;
    this.#chains.set(key, index);
    this.#lines.push(encodeChain(index, chain));
    return index;
  }

  #text(text: string): number {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    const index = this.#texts.size;
    this.#texts.set(text, index);
    this.#lines.push(encodeText(index, text));
    return index;
  }
}
