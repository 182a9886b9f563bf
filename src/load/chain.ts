import { FaultlineError } from '../model/errors.ts';
import type { Chain, Hop } from '../model/record.ts';

/** Reads the call chain out of a response text. Never throws; takes time linear in the length of the text. */
export type ChainParser = (text: string) => Chain;

const PLACEHOLDERS = ['service', 'zone', 'ip'] as const;
type Placeholder = (typeof PLACEHOLDERS)[number];

/** A hop is `lead` and then, for each slot, a value that ends where `tail` begins. */
type Slot = { readonly name: Placeholder; readonly tail: string };
type HopPattern = { readonly lead: string; readonly slots: readonly Slot[] };

/** Characters of `rest` that are kept. */
export const REST_LIMIT = 256;
/** No real chain is this long; a text that repeats the pattern without end stops here and the remainder is `rest`. */
const HOP_LIMIT = 64;
/** The longest name DNS and Kubernetes allow. */
const VALUE_LIMIT = 253;

/**
 * Compiles a scenario's hop template, such as `-> {service}(version: {zone}, ip: {ip})`, into a scanner.
 * A value is at least one and at most 253 characters without white space, up to the first place where the literal text
 * after it begins. White space around hops is skipped.
 * Throws FaultlineError FIELD_VALUE when {service} or {zone} is missing, one is there twice, or two touch.
 */
export function compileChain(template: string): ChainParser {
  const pattern = compileHop(template);
  return (text) => {
    const hops: Hop[] = [];
    let at = skipSpace(text, 0);
    while (at < text.length && hops.length < HOP_LIMIT) {
      const end = scanHop(pattern, text, at, hops);
      if (end === -1) break;
      at = skipSpace(text, end);
    }
    return { hops, rest: text.slice(at, at + REST_LIMIT) };
  };
}

function compileHop(template: string): HopPattern {
  const parts = template.trim().split(/\{(service|zone|ip)\}/);
  const lead = parts[0] ?? '';
  const slots: Slot[] = [];
  for (let i = 1; i < parts.length; i += 2) slots.push({ name: parts[i] as Placeholder, tail: parts[i + 1] ?? '' });
  const problem = problemOf(slots);
  if (problem === undefined) return { lead, slots };
  throw new FaultlineError('FIELD_VALUE', `The chain's hop template ${JSON.stringify(template)} ${problem}.`, {
    hint: 'Write one hop the way the services print it, for example "-> {service}(version: {zone}, ip: {ip})".',
  });
}

function problemOf(slots: readonly Slot[]): string | undefined {
  for (const name of PLACEHOLDERS) {
    const count = slots.filter((slot) => slot.name === name).length;
    if (count > 1) return `has {${name}} twice`;
    if (count === 0 && name !== 'ip') return `has no {${name}}`;
  }
  const touching = slots.findIndex((slot, i) => slot.tail === '' && i < slots.length - 1);
  if (touching === -1) return undefined;
  return `has nothing between {${slots[touching]?.name}} and {${slots[touching + 1]?.name}}`;
}

/** Reads one hop that begins at `at`. Returns where it ends, or -1 and leaves `hops` as it was. */
function scanHop(pattern: HopPattern, text: string, at: number, hops: Hop[]): number {
  if (!text.startsWith(pattern.lead, at)) return -1;
  const hop = { service: '', zone: '', ip: '' };
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
