import { listed, quoted } from './printable.ts';
import { error, type Problems } from './problems.ts';
import type { Span } from './source.ts';
import { nearest } from './suggest.ts';

const PLACEHOLDERS = ['service', 'zone', 'ip'];
const WITHOUT_CHAIN =
  "where answers do not name both, leave out `chain` and `good.chain`: the callers' proxies tell then where calls went";

/** Checks that a hop pattern can be read back: {service} and {zone} once, {ip} at most once, text between them. */
export function checkHop(hop: string, at: Span, problems: Problems): void {
  const names = [...hop.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? '');
  for (const name of new Set(names)) {
    if (!PLACEHOLDERS.includes(name)) {
      const suggestion = nearest(name, PLACEHOLDERS);
      const hint =
        suggestion === undefined
          ? `known: ${listed(PLACEHOLDERS.map(braced))}`
          : `did you mean ${quoted(braced(suggestion))}?`;
      error(problems, 'NAME_UNKNOWN', at, `the hop pattern has the unknown placeholder ${quoted(braced(name))}`, hint);
    } else if (names.indexOf(name) !== names.lastIndexOf(name)) {
      error(problems, 'FIELD_VALUE', at, `the hop pattern has ${quoted(braced(name))} twice`);
    }
  }
  const isComplete = names.every((name) => PLACEHOLDERS.includes(name));
  for (const name of isComplete ? ['service', 'zone'] : []) {
    if (names.includes(name)) continue;
    error(problems, 'FIELD_VALUE', at, `the hop pattern has no ${quoted(braced(name))}`, WITHOUT_CHAIN);
  }
  if (hop.includes('}{')) {
    error(
      problems,
      'FIELD_VALUE',
      at,
      'the hop pattern has no text between two placeholders',
      'nothing tells them apart',
    );
  }
}

function braced(name: string): string {
  return `{${name}}`;
}
