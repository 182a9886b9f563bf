import type { Draft } from '../schema/draft.ts';
import { spanAt } from './checks.ts';
import { quoted } from './printable.ts';
import { error, type Problems } from './problems.ts';
import type { TargetsDocument } from './targets-schema.ts';
import type { TreeNode } from './yaml-tree.ts';

type Spec = NonNullable<Draft<TargetsDocument>['spec']>;
type Blackout = NonNullable<NonNullable<Spec['never']>[number]>;
type Range = { readonly from?: string | undefined; readonly to?: string | undefined };

/** A calendar that means nothing would keep nobody from anything. */
export function checkBlackouts({ never = [] }: Spec, root: TreeNode, problems: Problems): void {
  for (const [index, blackout] of never.entries()) {
    if (blackout === undefined) continue;
    const at = (...path: string[]) => spanAt(root, ['spec', 'never', index, ...path]);
    checkZone(blackout, at('timeZone'), problems);
    checkDates(blackout.dates ?? {}, at, problems);
    const { from, to } = blackout.hours ?? {};
    if (from !== undefined && from === to) {
      error(problems, 'FIELD_VALUE', at('hours'), 'these hours end when they begin', 'leave them out for whole days');
    }
  }
}

type Place = ReturnType<typeof spanAt>;

function checkZone({ timeZone }: Blackout, at: Place, problems: Problems): void {
  if (timeZone === undefined) return;
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    error(
      problems,
      'FIELD_VALUE',
      at,
      `there is no time zone ${quoted(timeZone)}`,
      'write its IANA name: Asia/Tokyo, UTC',
    );
  }
}

function checkDates({ from, to }: Range, at: (...path: string[]) => Place, problems: Problems): void {
  for (const [name, day] of Object.entries({ from, to })) {
    if (day === undefined || isDay(day)) continue;
    error(problems, 'FIELD_VALUE', at('dates', name), `the calendar has no day ${quoted(day)}`);
  }
  if (from !== undefined && to !== undefined && from > to) {
    error(problems, 'FIELD_VALUE', at('dates'), 'the last day is before the first one');
  }
}

function isDay(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
