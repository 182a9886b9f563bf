import type { ChainPattern, Json } from '../model/scenario.ts';

/** One answer to one request. Names of headers are in small letters. */
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

type From = ChainPattern['from'];

/** More places of a body of JSON are not looked at. */
const MOST_PLACES = 500;

/** Every place of an answer in which a call chain may stand, with its text. */
export function textsOf({ headers, body }: Answer): { readonly from: From; readonly text: string }[] {
  const ofHeaders = Object.entries(headers).map(([name, text]) => ({ from: { kind: 'header', name } as const, text }));
  const json = parsed(body);
  if (json === undefined) return [{ from: { kind: 'body' }, text: body }, ...ofHeaders];
  const places = leaves(json, '').slice(0, MOST_PLACES);
  return [...places.map(({ pointer, text }) => ({ from: { kind: 'pointer', pointer } as const, text })), ...ofHeaders];
}

/** What a pattern reads of an answer: for a pointer the whole body. */
export function textAt({ headers, body }: Answer, from: From): string | undefined {
  return from.kind === 'header' ? headers[from.name] : body;
}

function parsed(body: string): Json | undefined {
  try {
    const value: Json = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

type Leaf = { readonly pointer: string; readonly text: string };

function leaves(value: Json, pointer: string): Leaf[] {
  if (typeof value === 'string') return pointer === '' ? [] : [{ pointer, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.entries(value).flatMap(([key, part]) =>
    leaves(part as Json, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  );
  const isList = Array.isArray(value) && value.length > 0 && value.every((part) => typeof part === 'string');
  return isList && pointer !== '' ? [{ pointer, text: value.join('\n') }] : inside;
}
