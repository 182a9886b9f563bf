import { LEAST_REQUESTS } from '../model/abort.ts';
import { shortestBlind } from '../model/abort-defaults.ts';
import { formatDuration, type Millis } from '../model/units.ts';
import type { Draft } from '../schema/draft.ts';
import type { AbortDocument } from './abort-schema.ts';
import { reportDuplicates, spanAt } from './checks.ts';
import { listed, quoted } from './printable.ts';
import { error, type Problems } from './problems.ts';
import type { ScenarioDocument } from './scenario-schema.ts';
import { nearest } from './suggest.ts';
import type { TreeNode } from './yaml-tree.ts';

type Spec = NonNullable<Draft<ScenarioDocument>['spec']>;
type Condition = NonNullable<NonNullable<Draft<AbortDocument>>[number]>;
type Report = (field: readonly string[], message: string, hint?: string) => void;

const ONCE = ['noContact', 'blind'] as const;

/** Checks abort conditions against the load and the phases: one that can never be met guards nothing. */
export function checkAbort(spec: Spec, root: TreeNode, problems: Problems): void {
  const conditions = spec.abort ?? [];
  const at = (index: number, field: readonly string[]) => spanAt(root, ['spec', 'abort', index, ...field]);
  for (const [index, condition] of conditions.entries()) {
    if (condition === undefined) continue;
    const report: Report = (field, message, hint) => error(problems, 'FIELD_VALUE', at(index, field), message, hint);
    checkLength(condition, spec, report);
    checkRequests(condition, spec, report);
    checkBlind(condition, spec, report);
    checkPath(condition, spec, (message, hint) =>
      error(problems, 'NAME_UNKNOWN', at(index, ['errorShare', 'path']), message, hint),
    );
  }
  for (const kind of ONCE) {
    const entries = conditions.map((one, index) => ({
      key: one?.[kind] === undefined ? undefined : kind,
      at: at(index, [kind]),
    }));
    reportDuplicates(entries, 'the abort condition', problems);
  }
}

/** Conditions end a run before its undo only: what takes longer than all that comes before it cannot be met. */
function checkLength({ errorShare, prometheus, noContact, blind }: Condition, spec: Spec, report: Report): void {
  const lasts = untilUndo(spec);
  if (lasts === undefined) return;
  const lengths: [string[], Millis | undefined][] = [
    [['errorShare', 'for'], errorShare?.for],
    [['prometheus', 'for'], prometheus?.for],
    [['noContact'], noContact],
    [['blind'], blind],
  ];
  for (const [field, length] of lengths) {
    if (length === undefined || length <= lasts) continue;
    const message = `${formatDuration(length)} are longer than the phases before the undo (${formatDuration(lasts)}): the condition could not be met`;
    report(field, message, 'shorten it, or lengthen `hold`');
  }
}

/** Baseline, waits of the faults, and hold; undefined where one of them has a problem of its own. */
function untilUndo({ phases, faults }: Spec): Millis | undefined {
  const { baseline, hold } = phases ?? {};
  if (baseline === undefined || hold === undefined || faults === undefined) return undefined;
  const waits = faults.map((fault) => fault?.after);
  return baseline + Math.max(0, ...waits.map((wait) => wait ?? 0)) + hold;
}

function checkPath({ errorShare }: Condition, { load }: Spec, report: (message: string, hint: string) => void): void {
  const path = errorShare?.path;
  const names = (load?.paths ?? []).flatMap((one) => one?.name ?? []);
  if (path === undefined || names.length === 0 || names.includes(path)) return;
  const suggestion = nearest(path, names);
  const hint = suggestion === undefined ? `the load has ${listed(names)}` : `did you mean ${quoted(suggestion)}?`;
  report(`the path ${quoted(path)} is not in spec.load.paths`, hint);
}

/** Through how many gateways a request goes is known before a run only where they are named. */
function checkRequests({ errorShare }: Condition, { load }: Spec, report: Report): void {
  const length = errorShare?.for;
  const paths = load?.paths ?? [];
  const own = paths.filter((one) => errorShare?.path === undefined || one?.name === errorShare.path);
  if (length === undefined || load?.rate === undefined || own.length === 0) return;
  const rates = own.map((one) => {
    const gateways = Array.isArray(one?.via) ? one.via.length : undefined;
    return gateways === undefined ? undefined : gateways * (one?.rate ?? load.rate ?? 0);
  });
  if (rates.includes(undefined)) return;
  const rate = rates.reduce<number>((sum, one) => sum + (one ?? 0), 0);
  const requests = Math.floor((rate * length) / 1000);
  if (requests >= LEAST_REQUESTS) return;
  const needed = formatDuration(Math.ceil(LEAST_REQUESTS / rate) * 1000);
  const message = `${requests} requests in ${formatDuration(length)} are too few for a share, which is of at least ${LEAST_REQUESTS}`;
  report(['errorShare', 'for'], message, `lengthen it to ${quoted(needed)}, or send more`);
}

function checkBlind({ blind }: Condition, { load }: Spec, report: Report): void {
  if (blind === undefined || load?.timeout === undefined || load.rate === undefined) return;
  const paths = (load.paths ?? []).flatMap((one) =>
    one?.name === undefined ? [] : [{ name: one.name, ...(one.rate === undefined ? {} : { ratePerSecond: one.rate }) }],
  );
  const least = shortestBlind({ paths, ratePerSecond: load.rate, timeoutMs: load.timeout });
  if (blind >= least) return;
  const message = `${formatDuration(blind)} are too short: three requests and the timeout of the last one take up to ${formatDuration(least)}, though all may be well`;
  report(['blind'], message, `write ${quoted(formatDuration(least))} or more`);
}
