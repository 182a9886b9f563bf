import type { Draft } from '../schema/draft.ts';
import { spanAt } from './checks.ts';
import { listed, quoted } from './printable.ts';
import { error, type Problems } from './problems.ts';
import type { ScenarioDocument } from './scenario-schema.ts';
import type { TextSpan } from './source.ts';
import { nearest } from './suggest.ts';
import type { TreeNode } from './yaml-tree.ts';

type LoadDraft = NonNullable<NonNullable<Draft<ScenarioDocument>['spec']>['load']>;

const PLACEHOLDERS = ['service', 'zone', 'ip', 'pod'];
const PLACES = ['zone', 'pod', 'ip'];
const WITHOUT_CHAIN =
  "where answers do not tell, leave out `chain` and `good.chain`: the callers' proxies tell then where calls went";

/**
 * Checks that a hop pattern can be read back, that it tells a place, directly or by what can be looked up, and that it
 * tells a service, or `good.chain` does.
 */
export function checkHop({ chain, good, paths = [] }: LoadDraft, root: TreeNode, problems: Problems): void {
  const { hop, anywhere } = chain ?? {};
  if (hop === undefined) return;
  const at = spanAt(root, ['spec', 'load', 'chain', 'hop']);
  const report = (message: string, hint?: string): void => error(problems, 'FIELD_VALUE', at, message, hint);
  const names = [...hop.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? '');
  for (const name of new Set(names)) checkName(name, names, at, problems);
  if (names.every((name) => PLACEHOLDERS.includes(name))) {
    const isPromised = [good, ...paths.map((path) => path?.good)].some((one) => (one?.chain ?? []).length > 0);
    const isNamed = ['service', 'pod', 'ip'].some((name) => names.includes(name));
    if (!PLACES.some((name) => names.includes(name))) {
      report(
        `the hop pattern has none of ${listed(PLACES.map(braced))}: where a hop was served is not known`,
        WITHOUT_CHAIN,
      );
    } else if (!isNamed && !isPromised) {
      report('the hop pattern has a zone alone, and no `good.chain` says which services answer', WITHOUT_CHAIN);
    }
  }
  if (hop.includes('}{')) report('the hop pattern has no text between two placeholders', 'nothing tells them apart');
  if (anywhere === true && /^\s*\{(service|zone|ip|pod)\}/.test(hop)) {
    report(
      'a hop pattern that is looked for anywhere begins with text',
      'write what stands before it: `"zone":"{zone}"`',
    );
  }
}

function checkName(name: string, names: readonly string[], at: TextSpan, problems: Problems): void {
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

function braced(name: string): string {
  return `{${name}}`;
}
