import { FaultlineError } from '../model/errors.ts';
import { pointerSteps, valueAt } from '../model/json-pointer.ts';
import { type Chain, type Hop, REST_LIMIT, TRUNCATED } from '../model/record.ts';
import type { ChainPattern, Json } from '../model/scenario.ts';

/**
 * Reads the call chain out of what an answer says: a header, or its body, of which `truncated` says that it is only the
 * beginning. Never throws; takes time linear in the length of the text.
 */
export type ChainParser = (text: string, truncated?: boolean) => Chain;

const PLACEHOLDERS = ['service', 'zone', 'ip', 'pod'] as const;
type Placeholder = (typeof PLACEHOLDERS)[number];

/** A hop is `lead` and then, for each slot, a value that ends where `tail` begins. */
type Slot = { readonly name: Placeholder; readonly tail: string };
type HopPattern = { readonly lead: string; readonly slots: readonly Slot[] };

/** Bytes of a body that are looked at; the rest is read from the wire and thrown away. */
export const BODY_LIMIT = 65_536;
/** No real chain is this long; a text that repeats the pattern without end stops here and the remainder is `rest`. */
const HOP_LIMIT = 64;
/** The longest name DNS and Kubernetes allow. */
const VALUE_LIMIT = 253;
/** Places in a text that begin like a hop and are none: after so many nothing more is looked for. */
const MISS_LIMIT = 1000;

/**
 * Compiles a scenario's hop template, such as `-> {service}(version: {zone}, ip: {ip})`, into a scanner.
 * A value is at least one and at most 253 characters without white space, up to the first place where the literal text
 * after it begins. White space around hops is skipped.
 * Throws FaultlineError FIELD_VALUE when there is no placeholder, one is there twice, or two touch, or when what is looked
 * for anywhere begins with a placeholder.
 */
export function compileChain({ from, hop: template, anywhere }: ChainPattern): ChainParser {
  const pattern = compileHop(template);
  if (anywhere === true && pattern.lead === '')
    throw refusal(template, 'is looked for anywhere, and begins with no text');
  const scan = anywhere === true ? looking(pattern) : reading(pattern);
  if (from.kind !== 'pointer') return scan;
  const steps = pointerSteps(from.pointer) ?? [];
  return (text, truncated) => {
    const value = truncated === true ? undefined : valueIn(text, steps);
    return value === undefined ? { hops: [], rest: `no ${from.pointer} in the body` } : scan(value);
  };
}

/** The whole text is hops, and what is none is left over. */
function reading(pattern: HopPattern): ChainParser {
  return (text, truncated) => {
    const hops: Hop[] = [];
    let at = skipSpace(text, 0);
    while (at < text.length && hops.length < HOP_LIMIT) {
      const end = scanHop(pattern, text, at, hops);
      if (end === -1) break;
      at = skipSpace(text, end);
    }
    const note = truncated === true ? `${TRUNCATED}${BODY_LIMIT} bytes] ` : '';
    return { hops, rest: (note + text.slice(at, at + REST_LIMIT)).slice(0, REST_LIMIT) };
  };
}

/** Hops stand between other text, which is nothing. */
function looking(pattern: HopPattern): ChainParser {
  return (text) => {
    const hops: Hop[] = [];
    let misses = 0;
    let at = text.indexOf(pattern.lead);
    while (at !== -1 && hops.length < HOP_LIMIT && misses < MISS_LIMIT) {
      const end = scanHop(pattern, text, at, hops);
      if (end === -1) misses += 1;
      at = text.indexOf(pattern.lead, end === -1 ? at + 1 : end);
    }
    return { hops, rest: '' };
  };
}

/** The text of a value in JSON; undefined where there is none. */
function valueIn(text: string, steps: readonly string[]): string | undefined {
  let value: Json | undefined;
  try {
    value = valueAt(JSON.parse(text) as Json, steps);
  } catch {
    return undefined;
  }
  if (value === undefined || value === null) return undefined;
  return Array.isArray(value) ? value.map(textOf).join('\n') : textOf(value);
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function compileHop(template: string): HopPattern {
  const parts = template.trim().split(/\{(service|zone|ip|pod)\}/);
  const lead = parts[0] ?? '';
  const slots: Slot[] = [];
  for (let i = 1; i < parts.length; i += 2) slots.push({ name: parts[i] as Placeholder, tail: parts[i + 1] ?? '' });
  const problem = problemOf(slots);
  if (problem === undefined) return { lead, slots };
  throw refusal(template, problem);
}

function refusal(template: string, problem: string): FaultlineError {
  return new FaultlineError('FIELD_VALUE', `The chain's hop template ${JSON.stringify(template)} ${problem}.`, {
    hint: 'Write one hop the way the services print it, for example "-> {service}(version: {zone}, ip: {ip})".',
  });
}

function problemOf(slots: readonly Slot[]): string | undefined {
  if (slots.length === 0) return 'has no placeholder';
  for (const name of PLACEHOLDERS) {
    if (slots.filter((slot) => slot.name === name).length > 1) return `has {${name}} twice`;
  }
  const touching = slots.findIndex((slot, i) => slot.tail === '' && i < slots.length - 1);
  if (touching === -1) return undefined;
  return `has nothing between {${slots[touching]?.name}} and {${slots[touching + 1]?.name}}`;
}

/** Reads one hop that begins at `at`. Returns where it ends, or -1 and leaves `hops` as it was. */
function scanHop(pattern: HopPattern, text: string, at: number, hops: Hop[]): number {
  if (!text.startsWith(pattern.lead, at)) return -1;
  const hop: { -readonly [field in keyof Hop]: Hop[field] } = { service: '', zone: '', ip: '' };
  let from = at + pattern.lead.length;
  for (const slot of pattern.slots) {
    const to = valueEnd(text, from, slot.tail === '' ? pattern.lead : slot.tail, slot.tail === '');
    if (to === -1) return -1;
    hop[slot.name] = text.slice(from, to);
    from = to + slot.tail.length;
  }
  hops.push(hop);
  return from;
}

/** Where the value that begins at `from` ends: before `stop`, or, when `open`, also before white space and the end. */
function valueEnd(text: string, from: number, stop: string, open: boolean): number {
  const limit = Math.min(text.length, from + VALUE_LIMIT);
  let to = from;
  while (to < limit && !isSpace(text.charCodeAt(to)) && !begins(text, to, stop)) to += 1;
  if (to === from) return -1;
  if (begins(text, to, stop)) return to;
  return open && (to === text.length || isSpace(text.charCodeAt(to))) ? to : -1;
}

function begins(text: string, at: number, stop: string): boolean {
  return stop !== '' && text.charCodeAt(at) === stop.charCodeAt(0) && text.startsWith(stop, at);
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && isSpace(text.charCodeAt(at))) at += 1;
  return at;
}

/** ASCII white space. */
function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}
