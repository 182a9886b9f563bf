import type { Finding } from '../../model/finding.ts';
import { formatDuration, type Micros } from '../../model/units.ts';
import type { Case } from '../facts/case.ts';
import { eventId } from '../facts/evidence.ts';
import { mostOf } from '../facts/extremes.ts';
import { count, list, percent, seconds } from '../facts/format.ts';
import type { PathStream } from '../ingest/path.ts';
import { unseenRequests } from '../timeline/silence.ts';
import { finding } from './finding.ts';
import { invariant } from './objective.ts';

function recordProblems(run: Case): string[] {
  const { collector, paths } = run;
  const missing = paths.reduce((sum, path) => sum + path.reorder.missing, 0);
  const strays = paths.reduce((sum, path) => sum + path.reorder.strays, 0);
  const { unresolved, sentLate, crowded, script, unread } = collector.classifier.unknowns;
  const told: readonly [number, string, string][] = [
    [collector.corruptLines, 'line', 'of the record file cannot be read'],
    [missing, 'request', 'without a record'],
    [strays, 'record', 'came twice or too late'],
    [unresolved, 'response', 'whose chain is not known'],
    [sentLate, 'request', 'too late only because the load generator sent them late'],
    [crowded, 'request', 'failed when the load generator sent them late, many at once'],
    [unread, 'request', 'late, or given up, when the load generator stood still while they were under way'],
    [script, 'request', "ended by errors of the load's own script"],
    [collector.chains.contradictions, 'chain', 'came with two meanings'],
  ];
  return told.filter(([n]) => n > 0).map(([n, noun, what]) => `${count(n, noun)} ${what}`);
}

/** The target's own process stood still: what was bad then is not the system's doing. */
function blindProblems(run: Case): string[] {
  const { blind } = run.collector.classifier.unknowns;
  if (blind === 0) return [];
  const longest = mostOf(run.facts.blind.map(({ from, to }) => to - from));
  return [
    `${count(blind, 'request')} failed while the target itself stood still (up to ${formatDuration(Math.round(longest / 1000))})`,
  ];
}

/** What a path's records lack of what the engine's own count, the asked rate, or the time of the load, says. */
function pathProblem(run: Case, path: PathStream, counted: number): string | undefined {
  const undone = run.facts.undone ?? run.facts.end;
  const ends = (end: Micros): boolean => unseenRequests(run.facts, path, { start: 0, end }) > 0;
  const lack = path.delivery.worst;
  if (path.records === 0) return `no requests on ${path.id}`;
  if (counted > path.due) return `the records of ${path.id} end ${count(counted - path.due, 'request')} early`;
  if (ends(undone)) return `the records of ${path.id} end before the undo`;
  if (ends(run.windows.after?.end ?? undone))
    return `the records of ${path.id} end before the recovery was watched to its end`;
  if (lack === undefined) return undefined;
  const { due, asked, from, to } = lack;
  return `the asked rate was not delivered on ${path.id}: ${due} of ${asked} requests were due from ${seconds(from)} s to ${seconds(to)} s`;
}

function pathProblems(run: Case): string[] {
  const counted = new Map(run.facts.load?.counts.map(({ path, due }) => [path, due]));
  const problems = run.paths.flatMap((path) => pathProblem(run, path, counted.get(path.id) ?? 0) ?? []);
  return problems.length > 3
    ? [...problems.slice(0, 3), `${count(problems.length - 3, 'more path')} like these`]
    : problems;
}

/** What to change, where it was recorded that the target's or the generator's own machine was too slow. */
function hintOf({ collector, facts, paths }: Case): string | undefined {
  const { blind, dropped, sentLate, crowded, unread } = collector.classifier.unknowns;
  if (blind > 0) return 'Give this machine more room: it runs the target and the load at once.';
  const isBehind = paths.some(({ delivery }) => delivery.worst !== undefined) || collector.unscheduled > 0;
  return dropped + sentLate + crowded + unread > 0 || isBehind || (facts.load?.degraded.length ?? 0) > 0
    ? 'Lower load.rate, give the machine of the load generator more room, or run it nearer to the gateways.'
    : undefined;
}

function judge(run: Case): Finding {
  const { load, ended, lost } = run.facts;
  const { dropped } = run.collector.classifier.unknowns;
  const total = run.paths.reduce((sum, path) => sum + path.records, 0);
  const { unscheduled } = run.collector;
  const told = load?.counts.reduce((sum, path) => sum + path.dropped, 0) ?? 0;
  const problems = [
    ...(told > dropped ? [`the load generator says that it dropped ${told}, the records show ${dropped}`] : []),
    ...(total === 0 ? ['there are no request records'] : []),
    ...(dropped > 0
      ? [`${dropped} of ${count(total, 'request')} (${percent(dropped / total)}) dropped by the load generator`]
      : []),
    ...recordProblems(run),
    ...blindProblems(run),
    ...(unscheduled > 0 ? [`about ${count(unscheduled, 'request')} that the rate asks for were never due`] : []),
    ...(total > 0 ? pathProblems(run) : []),
    ...(load === undefined ? ['the load generator left no summary'] : load.degraded),
    ...(ended ? [] : ['the history ends before the run did']),
    ...(lost > 0 ? [`${count(lost, 'event')} of the history cannot be read`] : []),
  ];
  const isTrusted = problems.length === 0;
  return finding({
    objective: 'loadQuality',
    subject: 'load',
    verdict: isTrusted ? 'pass' : 'inconclusive',
    title: isTrusted ? 'The load can be trusted' : 'The load cannot be trusted',
    story: isTrusted
      ? `All ${count(total, 'request')} that were due were sent and recorded.`
      : `${problems.join('; ')}. What such requests do not show cannot be judged.`,
    samples: total,
    evidence: [load ?? [], run.facts.blind.slice(0, 4), run.facts.stalls.slice(0, 4)].flat().map(eventId),
    cause: list(problems),
    hint: hintOf(run),
  });
}

/** Can the requests be trusted as evidence? A generator that could not keep up must not give a verdict. */
export const loadQuality = invariant({
  name: 'loadQuality',
  subject: 'load',
  title: 'Honest load',
  counts: 'request',
  asksForNone: true,
  withoutFault: true,
  grounds: true,
  judge: (run) => [judge(run)],
});
