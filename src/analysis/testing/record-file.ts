import type { Chain, RequestRecord } from '../../model/record.ts';
import { encodeChain, encodeHeader, encodePath, encodeRequest, encodeText } from '../../model/record-codec.ts';

/** A record whose chain is still written out. */
export type Raw = Omit<RequestRecord, 'chain'> & { readonly chain: Chain | undefined };

/** The text of a record file with these records, in the order given. `texts` are the words that their errors point at. */
export function recordFile(paths: readonly string[], records: readonly Raw[], texts: readonly string[] = []): string {
  const chains = new Map<string, number>();
  const lines = [encodeHeader({ format: 'faultline/requests', v: 1, engine: 'generated' })];
  paths.forEach((id, index) => {
    lines.push(encodePath(index, id));
  });
  texts.forEach((text, index) => {
    lines.push(encodeText(index, text));
  });
  for (const raw of records) {
    let index = -1;
    if (raw.chain !== undefined) {
      const text = JSON.stringify(raw.chain);
      index = chains.get(text) ?? chains.size;
      if (index === chains.size) {
        chains.set(text, index);
        lines.push(encodeChain(index, raw.chain));
      }
    }
    lines.push(encodeRequest({ ...raw, chain: index }));
  }
  return lines.join('');
}

/** The bytes of a text as a stream of chunks of a given size. */
export async function* chunks(text: string, size = 65_536): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Small seeded generator (mulberry32): uniform in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
