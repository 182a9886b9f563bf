import type { Finding } from '../../model/finding.ts';
import { formatDuration } from '../../model/units.ts';
import { type Case, finding, tally } from '../case.ts';
import { longestSilence, unseenRequests } from '../coverage.ts';
import { eventId } from '../evidence.ts';
import { count, list, percent } from '../format.ts';
import { UNKNOWN } from '../path-state.ts';

function recordProblems(it: Case): string[] {
  const { observer } = it;
  const missing = it.paths.reduce((sum, path) => sum + path.reorder.missing, 0);
  const strays = it.paths.reduce((sum, path) => sum + path.reorder.strays, 0);
  const problems: string[] = [];
  if (it.corruptLines > 0) problems.push(`${count(it.corruptLines, 'line')} of the record file cannot be read`);
  if (missing > 0) problems.push(`${count(missing, 'request')} without a record`);
  if (strays > 0) problems.push(`${count(strays, 'record')} came twice or too late`);
  if (observer.unresolved > 0)
    problems.push(`${count(observer.unresolved, 'response')} whose chain is not in the file`);
  if (observer.sentLate > 0) {
    problems.push(`${count(observer.sentLate, 'request')} too late only because the load generator sent them late`);
  }
  if (observer.chains.overflow > 0)
    problems.push(`${count(observer.chains.overflow, 'chain')} could not be told apart`);
  return problems;
}

/** Paths whose records do not reach as far as the engine's own count, or the end of the undo, says they should. */
function endProblems(it: Case): string[] {
  const { load } = it.facts;
  const problems: string[] = [];
  for (const path of it.paths) {
    const counts = load?.counts.find((entry) => entry.path === path.id);
    const known = path.records + path.reorder.missing;
    const window = { start: 0, end: it.facts.undone ?? it.facts.end };
    if (path.longestGap > longestSilence(it.facts)) {
      problems.push(`no request was due on ${path.id} for ${formatDuration(Math.round(path.longestGap / 1000))}`);
    }
    if (path.records === 0) problems.push(`no requests on ${path.id}`);
    else if (counts !== undefined && counts.due > known) {
      problems.push(`the records of ${path.id} end ${count(counts.due - known, 'request')} early`);
    } else if (unseenRequests(it.facts, path.lastDue, window) > 0) {
      problems.push(`the records of ${path.id} end before the undo`);
    }
  }
  return problems.length > 3 ? [...problems.slice(0, 3), `${problems.length - 3} more paths like these`] : problems;
}

/** Can the requests be trusted as evidence? A generator that could not keep up must not give a verdict. */
export function judgeLoadQuality(it: Case): Finding {
  const { load, ended } = it.facts;
  const all = tally(it, it.paths, { start: 0, end: Number.POSITIVE_INFINITY });
  const { unresolved, sentLate } = it.observer;
  const dropped = it.paths.reduce((sum, path) => sum + path.sum(it.segments, UNKNOWN), 0) - unresolved - sentLate;
  const total = all.good + all.bad + dropped + sentLate;
  const problems = [
    ...(total === 0 ? ['there are no request records'] : []),
    ...(dropped > 0
      ? [`${dropped} of ${count(total, 'request')} (${percent(dropped / total)}) dropped by the load generator`]
      : []),
    ...recordProblems(it),
    ...(total > 0 ? endProblems(it) : []),
    ...(load === undefined ? ['the load generator left no summary'] : load.degraded),
    ...(ended ? [] : ['the history ends before the run did']),
  ];
  return finding({
    objective: 'loadQuality',
    subject: 'load',
    verdict: problems.length === 0 ? 'pass' : 'inconclusive',
    title: problems.length === 0 ? 'The load can be trusted' : 'The load cannot be trusted',
    story:
      problems.length === 0
        ? `All ${count(total, 'request')} that were due were sent and recorded.`
        : `${problems.join('; ')}. What such requests do not show cannot be judged.`,
    measured: {
      lo: total === 0 ? 0 : (dropped / total) * 100,
      hi: total === 0 ? null : (dropped / total) * 100,
      unit: '%',
    },
    target: { op: '<=', value: 0, unit: '%' },
    samples: total,
    evidence: load === undefined ? [] : [eventId(load)],
    cause: list(problems),
    hint: 'Lower load.rate, give the machine of the load generator more room, or run it nearer to the gateways.',
  });
}
