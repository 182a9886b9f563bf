import type { LivePod } from '../predict/live-system.ts';

type Template = { readonly hop: string; readonly anywhere?: true };

/** How the mock services write a hop; the default of `load.chain.hop`. */
export const MOCK_HOP = '-> {service}(version: {zone}, ip: {ip})';

const PLACEHOLDERS = ['pod', 'ip', 'zone', 'service'] as const;
/** Shorter names (a zone `b`) stand in any text. */
const SHORTEST_NAME = 3;
/** What stands before a hop in other text: enough to find it by. */
const LEAD = 24;
const LONGEST_TEXT = 65_536;

/**
 * Patterns that a text may be written in: one of its lines with names of the mesh in place of what changes from answer to
 * answer. Whether all answers are written so is for others to see.
 */
export function hopTemplates(text: string, pods: readonly LivePod[], isWholeBody: boolean): Template[] {
  if (text.length > LONGEST_TEXT) return [];
  const names = namesIn(text, pods);
  const marked = text.split('\n').map((line) => marks(line.trim(), names));
  const lines = marked.filter((line) => /\{(?:pod|ip|zone)\}/.test(line));
  const whole = lines.map((hop): Template => ({ hop }));
  const between = isWholeBody ? lines.flatMap(cutOut) : [];
  return [...(isWholeBody ? [{ hop: MOCK_HOP }] : []), ...whole, ...between].filter(({ hop }) => isTemplate(hop));
}

type Names = readonly (readonly [name: string, placeholder: (typeof PLACEHOLDERS)[number]])[];

/** The names of the mesh that a text has, the longest first: a pod's begins with that of its service. */
function namesIn(text: string, pods: readonly LivePod[]): Names {
  const all = pods.flatMap(({ name, ip, locality, services }) => [
    [name, 'pod'] as const,
    [ip, 'ip'] as const,
    [locality.zone, 'zone'] as const,
    ...services.map(({ service }) => [service.slice(service.indexOf('/') + 1), 'service'] as const),
  ]);
  const there = new Map(all.filter(([name]) => name.length >= SHORTEST_NAME && text.includes(name)));
  return [...there].toSorted(([a], [b]) => b.length - a.length);
}

/** Puts placeholders where names stand as whole words. */
function marks(line: string, names: Names): string {
  if (names.length === 0 || /[{}]/.test(line)) return '';
  const pattern = names.map(([name]) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const placeholders = new Map(names);
  return line.replaceAll(new RegExp(`(?<![A-Za-z0-9.-])(?:${pattern})(?![A-Za-z0-9-]|\\.\\w)`, 'g'), (name) => {
    return `{${placeholders.get(name)}}`;
  });
}

/** A place within other text, such as `<b>{pod}<`: with what stands before it, and one character after it. */
function cutOut(line: string): Template[] {
  const found = /(\S[^{}]*)\{(pod|ip|zone)\}([^\s\w{}]?)/.exec(line);
  if (found === null) return [];
  const [, before = '', placeholder, after] = found;
  const lead = before.slice(-LEAD).trimStart();
  return lead === '' ? [] : [{ hop: `${lead}{${placeholder}}${after}`, anywhere: true }];
}

/** As `load.chain.hop` may be: each placeholder once, and text between two. */
function isTemplate(hop: string): boolean {
  const isOnce = PLACEHOLDERS.every((name) => hop.split(`{${name}}`).length <= 2);
  return isOnce && hop.length <= 256 && !hop.includes('}{') && /\{(?:pod|ip|zone)\}/.test(hop);
}
