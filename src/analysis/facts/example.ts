import type { Chain, RequestRecord } from '../../model/record.ts';
import type { RequestExample } from '../../model/result.ts';
import type { Micros } from '../../model/units.ts';

/** A request kept as evidence. */
export type Example = {
  readonly pathIndex: number;
  readonly seq: number;
  readonly due: Micros;
  readonly start: Micros;
  readonly end: Micros;
  readonly status: number;
  readonly error: string | undefined;
  /** Index of the error's own words; -1 where there are none. */
  readonly text: number;
  readonly chain: Chain | undefined;
};

/** Copies a record, which the decoder reuses. */
export function exampleOf(pathIndex: number, record: RequestRecord, chain: Chain | undefined): Example {
  const { seq, due, start, end, status, error, text } = record;
  const answer = record.ended === 'response' ? chain : undefined;
  return { pathIndex, seq, due, start, end, status, error, text, chain: answer };
}

/** The same for an example that every next request replaces, without its chain. */
export function replaceExample(
  example: Writable<Example> | undefined,
  pathIndex: number,
  record: RequestRecord,
): Writable<Example> {
  if (example === undefined) return { ...exampleOf(pathIndex, record, undefined) };
  example.seq = record.seq;
  example.due = record.due;
  example.start = record.start;
  example.end = record.end;
  example.status = record.status;
  example.error = record.error;
  example.text = record.text;
  return example;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The id of its evidence row. */
export function exampleId(example: Example): string {
  return `r-${example.pathIndex}-${example.seq}`;
}

/** As results show it. `texts` are the words of errors by their index. */
export function requestExample(path: string, example: Example, texts: readonly string[]): RequestExample {
  const text = texts[example.text];
  return {
    path,
    seq: example.seq,
    due: example.due,
    latencyMs: (example.end - example.due) / 1000,
    status: example.status,
    ...(example.error !== undefined && { error: example.error }),
    ...(text !== undefined && { text }),
    ...(example.chain !== undefined && { chain: example.chain }),
  };
}
