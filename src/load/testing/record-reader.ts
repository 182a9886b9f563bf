import { readFile } from 'node:fs/promises';
import type { Chain, RequestRecord } from '../../model/record.ts';
import { decodeLine, emptyRecord } from '../../model/record-codec.ts';

/** What a record file holds. */
export type Recorded = {
  readonly records: readonly RequestRecord[];
  readonly chains: readonly Chain[];
  readonly texts: readonly string[];
  readonly engine: string;
  readonly paths: readonly string[];
};

/** Reads a record file; a line that is no record fails the spec. */
export async function readRecords(file: string): Promise<Recorded> {
  const found = {
    records: [] as RequestRecord[],
    chains: [] as Chain[],
    texts: [] as string[],
    engine: '',
    paths: [] as string[],
  };
  const lines = (await readFile(file, 'utf8')).split('\n').slice(0, -1);
  const record = emptyRecord();
  lines.forEach((text, i) => {
    decodeLine(text, i + 1, record, {
      header: ({ engine }) => {
        found.engine = engine;
      },
      path: (index, id) => {
        found.paths[index] = id;
      },
      chain: (index, chain) => {
        found.chains[index] = chain;
      },
      text: (index, text) => {
        if (index !== found.texts.length) throw new Error(`line ${i + 1} gives words an index out of order`);
        found.texts[index] = text;
      },
      request: (request) => {
        if (request.text >= found.texts.length) throw new Error(`line ${i + 1} uses words that come later`);
        if (request.chain >= found.chains.length) throw new Error(`line ${i + 1} uses a chain that comes later`);
        found.records.push({ ...request });
      },
      corrupt: (line, what) => {
        throw new Error(`line ${line} is corrupt: ${what}`);
      },
    });
  });
  return found;
}

/** The words of every request that failed, each once. */
export function wordsIn({ records, texts }: Pick<Recorded, 'records' | 'texts'>): string[] {
  const failed = records.filter((r) => r.ended === 'error');
  return [...new Set(failed.map((r) => texts[r.text] ?? 'none'))];
}
