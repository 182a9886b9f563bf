import type { Finding } from '../model/finding.ts';
import type { ObjectiveWords } from '../model/objective.ts';
import { placeText } from '../model/place.ts';
import type { RunResult } from '../model/result.ts';
import { markdownCode as code, isPlainFileName, escapeMarkdown as md } from './escape.ts';
import { causeOf, FACE_WORDS, type Face, faceOf, findingsText, reasonText, statusReasonOf, tellable } from './face.ts';
import { failureTexts } from './failures.ts';
import { figuresOf } from './figures.ts';
import { type FindingGroup, foldFindings } from './fold.ts';
import { countText, formatNumber, percentText, spanText } from './format.ts';
import { waysOn } from './left.ts';
import { REVIEW_WORDS, rangeText, reviewText, worstFirst } from './predicted.ts';
import { timeWords } from './time.ts';
import { warningTexts } from './warnings.ts';
import { type WordedFinding, type WordedResult, withWords } from './worded.ts';
import { callersText, DASHBOARD, putBackText, RUNG_WORDS, STATUS_WORDS, targetText } from './words.ts';

/** The most bytes of a summary; GitHub drops a step's summaries altogether above 1 MiB. */
const MOST_BYTES = 64 * 1024;
const NOTE = '\nCut here to stay small. Everything is in report.html and result.json.\n';

function faceCell(face: Face): string {
  const { shape, word } = FACE_WORDS[face];
  return `${shape} **${word}**`;
}

function head(result: WordedResult): string[] {
  const { run, putBack } = result;
  const putBackCell = putBack.state === 'incomplete' ? `**${md(putBackText(putBack))}**` : md(putBackText(putBack));
  const why = statusReasonOf(result);
  const status = why === undefined ? '' : `: ${md(why, 400)}`;
  return [
    '| | |',
    '| --- | --- |',
    `| Verdict | ${faceCell(faceOf(result))} ${code(run.scenario.name)} |`,
    `| Reason | ${md(reasonText(result), 500)} |`,
    ...failureTexts(result).map((text, at) => `| ${at === 0 ? 'Failed' : ''} | ${md(text, 400)} |`),
    ...warningTexts(result).map((text) => `| **Warning** | **${md(text, 1000)}** |`),
    `| Hypothesis | ${md(run.scenario.hypothesis, 600)} |`,
    `| Harness | ${STATUS_WORDS[result.status]}, exit code ${result.exitCode}${status} |`,
    `| Put back | ${putBackCell} |`,
    `| Target | ${md(targetText(run.target))} |`,
    `| Findings | ${findingsText(result)} |`,
    `| Run | ${code(run.runId)}, ${timeWords(result).utc(0)}, ${spanText(result.duration)} |`,
    ...dashboard(result),
    '',
  ];
}

/** No link: a summary is read on pages that the file does not stand beside. */
function dashboard({ loadDashboard: file }: RunResult): string[] {
  return file === undefined || !isPlainFileName(file)
    ? []
    : [`| ${DASHBOARD.name} | ${code(file)}, ${DASHBOARD.what} |`];
}

function findingRow(finding: WordedFinding): string {
  const { measured = '', limit = '', margin = '', restsOn = '' } = figuresOf(finding);
  const name = `${finding.words.title}: ${md(finding.title, 200)}<br>${code(finding.id, 120)}`;
  return `| ${[faceCell(finding.verdict), name, measured, limit, margin, restsOn].join(' | ')} |`;
}

function foldedRow({ verdict, words, shown, folded }: FindingGroup): readonly string[] {
  if (folded.length === 0) return [];
  const counted = countText(folded.length, shown.length === 0 ? 'finding' : 'more finding');
  return [`| ${faceCell(verdict)} | ${words.title}: ${counted} | | | | |`];
}

function findings(groups: readonly FindingGroup[]): string[] {
  if (groups.length === 0) return ['There are no findings: nothing could be judged.', ''];
  return [
    '| Verdict | Finding | Measured | Limit | Margin | Rests on |',
    '| --- | --- | ---: | ---: | ---: | ---: |',
    ...groups.flatMap((group) => [...group.shown.map(findingRow), ...foldedRow(group)]),
    '',
  ];
}

/** So many findings of one verdict and objective are explained; the table has more of them. */
const MOST_EXPLAINED = 10;

function explained(finding: Finding): string {
  const known = causeOf(finding);
  const cause = known === undefined ? '' : ` Cause: ${md(known)}`;
  const hint = finding.hint === undefined ? '' : ` Hint: ${md(finding.hint)}`;
  return `- ${faceCell(finding.verdict)} ${code(finding.id, 120)}: ${md(finding.story, 600)}${cause}${hint}`;
}

function troubles(groups: readonly FindingGroup[]): string[] {
  const rows = groups
    .filter(({ verdict }) => verdict !== 'pass')
    .flatMap(({ shown }) => shown.slice(0, MOST_EXPLAINED));
  return rows.length === 0 ? [] : ['### Why', '', ...rows.map(explained), ''];
}

function leftovers({ run, putBack }: RunResult): string[] {
  if (putBack.state !== 'incomplete') return [];
  const rows = waysOn({ run, putBack }).map(({ what, command }) => `- ${md(what)}: ${code(command, 4000)}`);
  return ['### Left behind', '', ...rows, ''];
}

function story(result: RunResult): string[] {
  if (result.story.length === 0) return [];
  const time = timeWords(result);
  return [
    '### What happened',
    '',
    ...result.story.map(({ at, text }) => `- ${at === undefined ? 'throughout' : time.both(at)}: ${md(text, 400)}`),
    '',
  ];
}

function ladders(result: RunResult): string[] {
  const time = timeWords(result);
  return result.ladders.flatMap((ladder) => [
    `### Failover order of ${md(ladder.service, 60)} for callers in ${md(callersText(ladder), 60)}: ${countText(ladder.samples, 'good hop')}`,
    '',
    '| Place | Declared share | Share | Answers | First answer | State |',
    '| --- | ---: | ---: | ---: | --- | --- |',
    ...ladder.rungs.map((rung) => {
      const first = rung.firstHit === undefined ? 'none' : time.both(rung.firstHit);
      const declared = rung.expectedShare > 0 ? `≥ ${percentText(rung.expectedShare)}` : 'none';
      return `| ${md(placeText(rung.place), 80)} | ${declared} | ${percentText(rung.share)} | ${formatNumber(rung.hits, 0)} | ${first} | ${RUNG_WORDS[rung.state].word} |`;
    }),
    '',
  ]);
}

function predicted({ prediction: review }: RunResult): string[] {
  if (review === undefined) return [];
  const rows = worstFirst(review.compared).map(
    ({ what, predicted: said, measured, unit, state }) =>
      `| ${md(what, 120)} | ${rangeText(said, unit)} | ${rangeText(measured, unit)} | ${REVIEW_WORDS[state]} |`,
  );
  const table = ['| Value | Predicted | Measured | The model |', '| --- | ---: | ---: | --- |', ...rows, ''];
  return [
    '### Predicted beside measured',
    '',
    `${md(reviewText(review), 400)}.`,
    '',
    ...(rows.length === 0 ? [] : table),
  ];
}

/** Keeps whole lines as long as they fit, so that a table is never cut in the middle of a row. */
function within(lines: readonly string[], most: number): string {
  const encoder = new TextEncoder();
  let left = most - encoder.encode(NOTE).length;
  const kept: string[] = [];
  for (const line of lines) {
    left -= encoder.encode(line).length + 1;
    if (left < 0) return `${kept.join('\n')}\n${NOTE}`;
    kept.push(line);
  }
  return `${kept.join('\n')}\n`;
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
