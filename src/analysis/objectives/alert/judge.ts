import { type AlertObjective, firingQuery } from '../../../model/alert.ts';
import type { Finding, Measured, Verdict } from '../../../model/finding.ts';
import { formatDuration, type Micros, type Millis } from '../../../model/units.ts';
import {
  type AlertStates,
  alertSilence,
  alertStates,
  isFiringAt,
  otherAlerts,
  strangeAlerts,
} from '../../facts/alert-states.ts';
import type { Case } from '../../facts/case.ts';
import { doubtAboutRun } from '../../facts/effects.ts';
import { eventId } from '../../facts/evidence.ts';
import { list } from '../../facts/format.ts';
import { finding, type Judgement, unlessDoubted, unlessOpen } from '../finding.ts';

export const NAME = 'alert';
/** Prometheus is asked once a second: what changed in the last two seconds of a run may not have been told. */
export const POLLED_MS: Millis = 2_000;
const POLLED: Micros = POLLED_MS * 1000;

type Bounds = { readonly lo: Micros; readonly hi: Micros | null };

/** A change that came within `limit`, or did not; `watched`: how long it was looked for at least when there was none. */
function judgeSpan(span: Bounds | undefined, limit: Millis, watched: Micros, silent: string | undefined): Judgement {
  const most = limit * 1000;
  if (span !== undefined && span.hi !== null && span.hi <= most) return { verdict: 'pass' };
  if (span !== undefined && span.lo > most) return { verdict: 'fail', cause: 'it took longer' };
  if (span !== undefined)
    return { verdict: 'inconclusive', cause: 'it may have been in time or not: Prometheus is asked once a second' };
  if (silent !== undefined) return { verdict: 'inconclusive', cause: silent };
  if (watched > most) return { verdict: 'fail', cause: 'it was not seen at all' };
  return {
    verdict: 'inconclusive',
    cause: `the run was over ${formatDuration(Math.floor(Math.max(0, watched) / 1000))} later`,
  };
}

/** Why nothing can be said of alerts; undefined where Prometheus answered. */
function unheard(run: Case): string | undefined {
  const { asked, silent } = alertSilence(run.facts.events, run.facts.end);
  if (!asked) return 'nobody could ask: the targets file names no Prometheus (spec.prometheus)';
  const whole = silent.some(({ start, end }) => start <= (run.facts.firstInject ?? 0) && end >= run.facts.end);
  return whole ? 'Prometheus did not answer from before the fault to the end' : undefined;
}

function silentText(run: Case, from: Micros, to: Micros): string | undefined {
  const { silent } = alertSilence(run.facts.events, run.facts.end);
  const isHole = silent.some(({ start, end }) => end > from && start < to);
  return isHole ? 'Prometheus did not answer all the time' : undefined;
}

function strangeHint({ rule, labels }: AlertObjective, { strange, atFirst }: AlertStates): string {
  const query = firingQuery(rule, labels);
  if (strange.length > 0)
    return `An alert of this name fired with other labels: ${list(strange)}; asked for was ${query}.`;
  if (atFirst === undefined) return `Ask Prometheus yourself: ${query}.`;
  return `No alert ${rule} fired at all: see whether Prometheus has the rule (its page /rules) and scrapes what it needs (/targets).`;
}

function fires(run: Case, alert: AlertObjective, states: AlertStates, limit: Millis): Finding {
  const [outcome] = run.outcomes;
  const zero = outcome?.effect;
  const change = zero && states.began.find(({ hi }) => hi >= zero.lo);
  const span = change && zero && { lo: Math.max(0, change.lo - zero.hi), hi: Math.max(0, change.hi - zero.lo) };
  const undo = run.facts.firstUndo ?? run.facts.end;
  const watched = zero === undefined ? 0 : Math.min(undo, run.facts.end - POLLED) - zero.hi;
  const doubt = unheard(run) ?? doubtAboutRun(run) ?? (zero && earlyText(states, change, zero.lo));
  const silent = zero && silentText(run, zero.lo, Math.min(undo, zero.hi + limit * 1000));
  const late = change !== undefined && change.hi > undo ? 'the undo had begun by then, and may be why' : undefined;
  const judged = unlessDoubted(unlessOpen(judgeSpan(span, limit, watched, silent), late), doubt);
  return told(alert, 'fires', judged, {
    span,
    limit,
    evidence: change && [change.event],
    story:
      change === undefined
        ? `${alert.rule} did not begin to fire while the fault was on.`
        : `${alert.rule} fired: ${list(change.event.labels)}.`,
    hint: change === undefined && doubt === undefined ? strangeHint(alert, states) : undefined,
  });
}

/** Why an alert may be none of the fault; undefined where it began after its effect, or not at all. */
function earlyText(
  states: AlertStates,
  change: AlertStates['began'][number] | undefined,
  zero: Micros,
): string | undefined {
  if (isFiringAt(states, zero)) return 'it was firing before the fault took effect';
  return change !== undefined && change.lo < zero
    ? 'it may have begun before the fault took effect: Prometheus had not been asked, or had not answered, in between'
    : undefined;
}

function resolves(run: Case, alert: AlertObjective, states: AlertStates, limit: Millis): Finding {
  const { undone, firstUndo = 0, end } = run.facts;
  const change = states.ended.findLast(({ hi }) => hi >= firstUndo);
  const isOn = isFiringAt(states, end);
  const last = isOn ? undefined : change;
  const span =
    last && undone !== undefined ? { lo: Math.max(0, last.lo - undone), hi: Math.max(0, last.hi - undone) } : undefined;
  const never = !isOn && change === undefined ? 'it was not firing when the undo began' : undefined;
  const open = undone === undefined ? 'the undo did not end' : undefined;
  const doubt = unheard(run) ?? doubtAboutRun(run) ?? open ?? never;
  const watched = undone === undefined ? 0 : end - POLLED - undone;
  const judged = unlessDoubted(judgeSpan(span, limit, watched, silentText(run, firstUndo, end)), doubt);
  return told(alert, 'resolves', judged, {
    span,
    limit,
    evidence: last && [last.event],
    story: last === undefined ? `${alert.rule} was not seen to resolve.` : `${alert.rule} fired no more.`,
    hint: undefined,
  });
}

/** One rule may be asked for with several labels. */
export function calledOf({
  rule,
  labels,
}: {
  readonly rule: string;
  readonly labels: Readonly<Record<string, string | undefined>>;
}): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return pairs.length === 0 ? rule : `${rule} (${pairs.join(', ')})`;
}

function inSeconds({ lo, hi }: Bounds): Measured {
  return { lo: lo / 1e6, hi: hi === null ? null : hi / 1e6, unit: 's' };
}

function told(
  alert: AlertObjective,
  what: 'fires' | 'resolves',
  { verdict, cause }: Judgement,
  about: {
    readonly span: Bounds | undefined;
    readonly limit: Millis;
    readonly evidence: readonly Parameters<typeof eventId>[0][] | undefined;
    readonly story: string;
    readonly hint: string | undefined;
  },
): Finding {
  const rule = calledOf(alert);
  const titles: Readonly<Record<Verdict, string>> = {
    pass: `${rule} ${what} in time`,
    fail: `${rule} did not ${what === 'fires' ? 'fire' : 'resolve'} in time`,
    inconclusive: `It is not certain that ${rule} ${what} in time`,
  };
  return finding({
    objective: NAME,
    subject: rule,
    id: `${NAME}/${rule}/${what}`,
    verdict,
    title: titles[verdict],
    story: about.story,
    ...(about.span !== undefined && { measured: inSeconds(about.span) }),
    target: { op: '<=', value: about.limit / 1000, unit: 's' },
    samples: 1,
    evidence: (about.evidence ?? []).map(eventId),
    cause,
    hint: about.hint,
  });
}

function others(run: Case, alerts: readonly AlertObjective[]): Finding {
  const zero = run.outcomes[0]?.effect.lo ?? 0;
  const { events, end } = run.facts;
  const named = otherAlerts(
    events,
    alerts.map(({ rule }) => rule),
    zero,
  );
  const strange = strangeAlerts(events, zero);
  const { old, event } = named;
  const fresh = [...named.fresh, ...strange.fresh];
  const unsure = [...named.unsure, ...strange.unsure];
  const judged: Judgement =
    fresh.length === 0 ? { verdict: 'pass' } : { verdict: 'fail', cause: `${list(fresh)} fired` };
  const maybe =
    unsure.length === 0 ? undefined : `${list(unsure)} may have begun to fire before the fault took effect, or after`;
  const open = maybe ?? silentText(run, zero, end);
  const { verdict, cause } = unlessDoubted(unlessOpen(judged, open), unheard(run) ?? doubtAboutRun(run));
  return finding({
    objective: NAME,
    subject: 'others',
    verdict,
    title:
      verdict === 'pass'
        ? 'No other alert fired'
        : verdict === 'fail'
          ? 'Other alerts fired'
          : 'It is not certain that no other alert fired',
    story: `From the fault's effect on ${fresh.length === 0 ? 'no other alert began to fire' : `${list(fresh)} began to fire, too`}${old.length === 0 ? '' : `; ${list(old)} had fired before`}.`,
    samples: 1,
    evidence: event === undefined ? [] : [eventId(event)],
    cause,
  });
}

/** The findings of all alerts that are asked for. */
export function judgeAlerts(run: Case, alerts: readonly AlertObjective[]): (Finding | undefined)[] {
  const each = alerts.flatMap((one, index) => {
    const states = alertStates(run.facts.events, index);
    return [
      one.firesWithinMs === undefined ? undefined : fires(run, one, states, one.firesWithinMs),
      one.resolvesWithinMs === undefined ? undefined : resolves(run, one, states, one.resolvesWithinMs),
    ];
  });
  return [...each, alerts.some(({ onlyThese }) => onlyThese) ? others(run, alerts) : undefined];
}
