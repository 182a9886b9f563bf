import type { Expectations, Scenario } from '../model/scenario.ts';
import { readServiceRef } from '../model/service-ref.ts';
import { mapping } from '../schema/builders.ts';
import type { Clause, ClauseProblems } from '../schema/clause.ts';
import type { Draft } from '../schema/draft.ts';
import type { JsonSchema, Schema } from '../schema/schema.ts';
import { reportDuplicates, spanAt } from './checks.ts';
import { listed, quoted } from './printable.ts';
import { error, type Problems, warning } from './problems.ts';
import { nearest } from './suggest.ts';
import type { TreeNode } from './yaml-tree.ts';

/** What a scenario must know of an objective to read its clause; guards have none. */
export type ObjectiveClause = { readonly name: string; readonly clause?: Clause };

/** What was written in `spec.expect`, by clause. */
type ExpectDocument = { readonly [clause: string]: unknown };

/** The schema of `spec.expect`. */
export function expectSchema(objectives: readonly ObjectiveClause[]): Schema<ExpectDocument> {
  const clauses = objectives.flatMap(({ name, clause }): [string, JsonSchema][] =>
    clause === undefined ? [] : [[name, clause.schema]],
  );
  return mapping(
    'What must hold. Each clause gives findings; at least one is needed.',
    { optional: Object.fromEntries(clauses) },
    { minProperties: 1 },
  );
}

/** What must hold, each clause as its objective reads it. */
export function readExpectations(written: ExpectDocument, objectives: readonly ObjectiveClause[]): Expectations {
  const values = objectives.flatMap(({ name, clause }) => {
    const value = clause?.read(written[name]);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(values) as Expectations;
}

/** Checks what the clauses say, each by its objective's own rules. */
export function checkExpectations(
  draft: Draft<ExpectDocument>,
  objectives: readonly ObjectiveClause[],
  chain: readonly string[],
  root: TreeNode,
  problems: Problems,
): void {
  for (const { name, clause } of objectives) clause?.check(draft[name], collector(name, chain, root, problems));
}

function collector(name: string, chain: readonly string[], root: TreeNode, problems: Problems): ClauseProblems {
  const at = (path: readonly (string | number)[]) => spanAt(root, ['spec', 'expect', name, ...path]);
  return {
    error: (code, path, message, hint) => error(problems, code, at(path), message, hint),
    service: (path, service) => {
      const isName = service !== undefined && readServiceRef(service) === undefined;
      if (!isName || chain.length === 0 || chain.includes(service)) return;
      const suggestion = nearest(service, chain);
      const hint = suggestion === undefined ? `the chain has ${listed(chain)}` : `did you mean ${quoted(suggestion)}?`;
      error(problems, 'NAME_UNKNOWN', at(path), `the service ${quoted(service)} is not in spec.load.good.chain`, hint);
    },
    distinct: (what, entries) =>
      reportDuplicates(
        entries.map(({ key, path }) => ({ key, at: at(path) })),
        what,
        problems,
      ),
  };
}

/** Warns of clauses that the load or the phases are too coarse, too short or too blind to decide. */
export function adviseExpectations(
  scenario: Scenario,
  objectives: readonly ObjectiveClause[],
  root: TreeNode,
  problems: Problems,
): void {
  for (const { name, clause } of objectives) {
    clause?.advise(scenario.expect[name], scenario, (path, message, hint) =>
      warning(problems, 'FIELD_VALUE', spanAt(root, ['spec', ...path]), message, hint),
    );
  }
}
