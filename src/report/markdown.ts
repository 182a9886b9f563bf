import type { Finding } from '../model/finding.ts';
import type { ObjectiveWords } from '../model/objective.ts';
import { placeText } from '../model/place.ts';
import type { RunResult } from '../model/result.ts';
import { isPlainFileName } from './escape.ts';
import { causeOf, FACE_WORDS, type Face, faceOf, findingsText, reasonText, statusReasonOf, tellable } from './face.ts';
import { failureTexts } from './failures.ts';
import { figuresOf } from './figures.ts';
import { type FindingGroup, foldFindings } from './fold.ts';
import { countText, formatNumber, percentText, spanText } from './format.ts';
import { waysOn } from './left.ts';
import { code, type Markdown, md, pasted, row, textOf, upTo } from './md.ts';
import { REVIEW_WORDS, rangeText, reviewText, worstFirst } from './predicted.ts';
import { timeWords } from './time.ts';
import { warningTexts } from './warnings.ts';
import { type WordedFinding, type WordedResult, withWords } from './worded.ts';
import { callersText, DASHBOARD, putBackText, RUNG_WORDS, STATUS_WORDS, targetText } from './words.ts';

/** The most bytes of a summary; GitHub drops a step's summaries altogether above 1 MiB. */
const MOST_BYTES = 64 * 1024;
const NOTE = '\nCut here to stay small. Everything is in report.html and result.json.\n';
const NONE = md``;

function faceCell(face: Face): Markdown {
  const { shape, word } = FACE_WORDS[face];
  return md`${shape} **${word}**`;
}

function head(result: WordedResult): Markdown[] {
  const { run, putBack } = result;
  const left = putBackText(putBack);
  const why = statusReasonOf(result);
  const status = why === undefined ? NONE : md`: ${upTo(400, why)}`;
  return [
    md`| | |`,
    md`| --- | --- |`,
    row('Verdict', md`${faceCell(faceOf(result))} ${code(run.scenario.name)}`),
    row('Reason', upTo(500, reasonText(result))),
    ...failureTexts(result).map((text, at) => row(at === 0 ? 'Failed' : '', upTo(400, text))),
    ...warningTexts(result).map((text) => row(md`**Warning**`, md`**${upTo(1000, text)}**`)),
    row('Hypothesis', upTo(600, run.scenario.hypothesis)),
    row('Harness', md`${STATUS_WORDS[result.status]}, exit code ${result.exitCode}${status}`),
    row('Put back', putBack.state === 'incomplete' ? md`**${left}**` : left),
    row('Target', targetText(run.target)),
    row('Findings', findingsText(result)),
    row('Run', md`${code(run.runId)}, ${timeWords(result).utc(0)}, ${spanText(result.duration)}`),
    ...dashboard(result),
    NONE,
  ];
}

/** No link: a summary is read on pages that the file does not stand beside. */
function dashboard({ loadDashboard: file }: RunResult): Markdown[] {
  return file === undefined || !isPlainFileName(file)
    ? []
    : [row(DASHBOARD.name, md`${code(file)}, ${DASHBOARD.what}`)];
}

function findingRow(finding: WordedFinding): Markdown {
  const { measured = '', limit = '', margin = '', restsOn = '' } = figuresOf(finding);
  const name = md`${finding.words.title}: ${upTo(200, finding.title)}<br>${code(finding.id, 120)}`;
  return row(faceCell(finding.verdict), name, measured, limit, margin, restsOn);
}

function foldedRow({ verdict, words, shown, folded }: FindingGroup): readonly Markdown[] {
  if (folded.length === 0) return [];
  const counted = countText(folded.length, shown.length === 0 ? 'finding' : 'more finding');
  return [md`| ${faceCell(verdict)} | ${words.title}: ${counted} | | | | |`];
}

function findings(groups: readonly FindingGroup[]): Markdown[] {
  if (groups.length === 0) return [md`There are no findings: nothing could be judged.`, NONE];
  return [
    md`| Verdict | Finding | Measured | Limit | Margin | Judged from |`,
    md`| --- | --- | ---: | ---: | ---: | ---: |`,
    ...groups.flatMap((group) => [...group.shown.map(findingRow), ...foldedRow(group)]),
    NONE,
  ];
}

/** So many findings of one verdict and objective are explained; the table has more of them. */
const MOST_EXPLAINED = 10;

function explained(finding: Finding): Markdown {
  const known = causeOf(finding);
  const cause = known === undefined ? NONE : md` Cause: ${known}`;
  const hint = finding.hint === undefined ? NONE : md` Hint: ${finding.hint}`;
  return md`- ${faceCell(finding.verdict)} ${code(finding.id, 120)}: ${upTo(600, finding.story)}${cause}${hint}`;
}

function troubles(groups: readonly FindingGroup[]): Markdown[] {
  const rows = groups
    .filter(({ verdict }) => verdict !== 'pass')
    .flatMap(({ shown }) => shown.slice(0, MOST_EXPLAINED));
  return rows.length === 0 ? [] : [md`### Why`, NONE, ...rows.map(explained), NONE];
}

function leftovers({ run, putBack }: RunResult): Markdown[] {
  if (putBack.state !== 'incomplete') return [];
  const rows = waysOn({ run, putBack }).map(({ what, command }) => md`- ${what}: ${pasted(command)}`);
  return [md`### Left behind`, NONE, ...rows, NONE];
}

function story(result: RunResult): Markdown[] {
  if (result.story.length === 0) return [];
  const time = timeWords(result);
  return [
    md`### What happened`,
    NONE,
    ...result.story.map(({ at, text }) => md`- ${at === undefined ? 'throughout' : time.both(at)}: ${upTo(400, text)}`),
    NONE,
  ];
}

function ladders(result: RunResult): Markdown[] {
  const time = timeWords(result);
  return result.ladders.flatMap((ladder) => [
    md`### Failover order of ${upTo(60, ladder.service)} for callers in ${upTo(60, callersText(ladder))}: ${countText(ladder.samples, 'good hop')}`,
    NONE,
    md`| Place | Declared share | Share | Answers | First answer | State |`,
    md`| --- | ---: | ---: | ---: | --- | --- |`,
    ...ladder.rungs.map((rung) => {
      const first = rung.firstHit === undefined ? 'none' : time.both(rung.firstHit);
      const declared = rung.expectedShare > 0 ? `≥ ${percentText(rung.expectedShare)}` : 'none';
      const place = upTo(80, placeText(rung.place));
      return row(
        place,
        declared,
        percentText(rung.share),
        formatNumber(rung.hits, 0),
        first,
        RUNG_WORDS[rung.state].word,
      );
    }),
    NONE,
  ]);
}

function predicted({ prediction: review }: RunResult): Markdown[] {
  if (review === undefined) return [];
  const rows = worstFirst(review.compared).map(({ what, predicted: said, measured, unit, state }) =>
    row(upTo(120, what), rangeText(said, unit), rangeText(measured, unit), REVIEW_WORDS[state]),
  );
  const table = [md`| Value | Predicted | Measured | The model |`, md`| --- | ---: | ---: | --- |`, ...rows, NONE];
  return [
    md`### Predicted beside measured`,
    NONE,
    md`${upTo(400, reviewText(review))}.`,
    NONE,
    ...(rows.length === 0 ? [] : table),
  ];
}

/** Keeps whole lines as long as they fit, so that a table is never cut in the middle of a row. */
function within(lines: readonly Markdown[], most: number): string {
  const encoder = new TextEncoder();
  let left = most - encoder.encode(NOTE).length;
  const kept: Markdown[] = [];
  for (const line of lines) {
    left -= encoder.encode(line.text).length + 1;
    if (left < 0) return `${textOf(kept)}\n${NOTE}`;
    kept.push(line);
  }
  return `${textOf(kept)}\n`;
}

/** The run as GitHub Flavored Markdown for a step summary: the verdict first, at most 64 KiB. */
export function renderMarkdown(judged: RunResult, objectives: readonly ObjectiveWords[]): string {
  const result = withWords(judged, objectives);
  const groups = foldFindings(tellable(result).told, result.reasonFinding);
  const lines = [
    ...head(result),
    ...findings(groups),
    ...leftovers(result),
    ...troubles(groups),
    ...story(result),
    ...ladders(result),
    ...predicted(result),
  ];
  return within(lines, MOST_BYTES).trimEnd().concat('\n');
}
