import { callersOf } from '../model/callees.ts';
import type { Draft, Path } from '../schema/draft.ts';
import { keyAt, reportDuplicates, spanAt } from './checks.ts';
import { listed, quoted } from './printable.ts';
import { error, type Problems } from './problems.ts';
import type { ScenarioDocument } from './scenario-schema.ts';
import type { TextSpan } from './source.ts';
import { nearest } from './suggest.ts';
import type { TreeNode } from './yaml-tree.ts';

type SpecDraft = NonNullable<Draft<ScenarioDocument>['spec']>;
type LoadDraft = NonNullable<SpecDraft['load']>;

/** Checks that `services` is about services of the chains, and that no two of them are one Service. */
export function checkServices({ services = {}, load = {} }: SpecDraft, root: TreeNode, problems: Problems): void {
  const names = [...new Set(chainsOf(load).flatMap(({ chain }) => chain))];
  const at = (name: string): Path => ['spec', 'services', name];
  for (const name of Object.keys(services)) report(misnamed(name, keyAt(root, at(name)), names), problems);
  const stated = Object.entries(services).map(([name, key]) => ({ key, at: spanAt(root, at(name)) }));
  reportDuplicates(stated, 'the Service', problems);
}

const CALLS = ['spec', 'load', 'chain', 'calls'];

/** Checks that `calls` names services of the chains, and that everything in a chain has a caller before it. */
export function checkCallees(load: LoadDraft, root: TreeNode, problems: Problems): void {
  const written = load.chain?.calls;
  if (written === undefined) return;
  const callees = Object.fromEntries(
    Object.entries(written).map(([caller, called]) => [caller, (called ?? []).filter((name) => name !== undefined)]),
  );
  const chains = chainsOf(load);
  const names = [...new Set(chains.flatMap(({ chain }) => chain))];
  const unknown = Object.entries(callees).flatMap(([caller, called]) => [
    ...misnamed(caller, keyAt(root, [...CALLS, caller]), names),
    ...called.flatMap((name, index) => misnamed(name, spanAt(root, [...CALLS, caller, index]), names)),
  ]);
  report(unknown, problems);
  if (unknown.length > 0) return;
  for (const { chain, at } of chains) {
    const orphan = callersOf(chain, callees).indexOf(undefined);
    if (orphan < 0) continue;
    const hint =
      'list it in `calls` for each of its callers, as often as they call it: nobody else is taken for one then';
    const message = `nothing before ${quoted(chain[orphan] ?? '')} calls it by spec.load.chain.calls`;
    error(problems, 'FIELD_VALUE', spanAt(root, [...at, orphan]), message, hint);
  }
}

function chainsOf({ good, paths = [] }: LoadDraft): { chain: readonly string[]; at: Path }[] {
  const all = [
    { chain: good?.chain, at: ['spec', 'load', 'good', 'chain'] },
    ...paths.map((path, index) => ({
      chain: path?.good?.chain,
      at: ['spec', 'load', 'paths', index, 'good', 'chain'],
    })),
  ];
  return all.flatMap(({ chain, at }) => {
    const whole = chain?.filter((name) => name !== undefined);
    return whole === undefined || whole.length !== chain?.length ? [] : [{ chain: whole, at }];
  });
}

type Misnamed = { readonly message: string; readonly at: TextSpan; readonly hint: string };

function report(all: readonly Misnamed[], problems: Problems): void {
  for (const { message, at, hint } of all) error(problems, 'NAME_UNKNOWN', at, message, hint);
}

function misnamed(name: string, at: TextSpan, names: readonly string[]): Misnamed[] {
  if (names.length === 0 || names.includes(name)) return [];
  const suggestion = nearest(name, names);
  const hint = suggestion === undefined ? `the chain has ${listed(names)}` : `did you mean ${quoted(suggestion)}?`;
  return [{ message: `the service ${quoted(name)} is in no \`good.chain\``, at, hint }];
}
