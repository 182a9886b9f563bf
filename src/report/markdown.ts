import type { Finding } from '../model/finding.ts';
import type { RunResult } from '../model/result.ts';
import { markdownCode as code, isPlainFileName, escapeMarkdown as md } from './escape.ts';
import { boundText, formatNumber, marginText, measuredText, percentText, spanText } from './format.ts';
import { timeWords } from './time.ts';
import {
  countsText,
  countVerdicts,
  DASHBOARD,
  OBJECTIVE_WORDS,
  placeText,
  putBackText,
  RUNG_WORDS,
  STATUS_WORDS,
  targetText,
  VERDICT_WORDS,
  worstFirst,
} from './words.ts';

/** The most bytes of a summary; GitHub drops a step's summaries altogether above 1 MiB. */
export const MOST_BYTES = 64 * 1024;
const NOTE = '\nCut here to stay small. Everything is in report.html and result.json.\n';

function verdictCell(verdict: Finding['verdict']): string {
  const { shape, word } = VERDICT_WORDS[verdict];
  return `${shape} **${word}**`;
}

function head(result: RunResult): string[] {
  const { run, putBack } = result;
  const putBackCell = putBack.state === 'incomplete' ? `**${md(putBackText(putBack))}**` : md(putBackText(putBack));
  const status = result.statusReason === undefined ? '' : `: ${md(result.statusReason, 400)}`;
  return [
    '| | |',
    '| --- | --- |',
    `| Verdict | ${verdictCell(result.verdict)} ${code(run.scenario.name)} |`,
    `| Reason | ${md(result.reason, 500)} |`,
    `| Hypothesis | ${md(run.scenario.hypothesis, 600)} |`,
    `| Harness | ${STATUS_WORDS[result.status]}, exit code ${result.exitCode}${status} |`,
    `| Put back | ${putBackCell} |`,
    `| Target | ${md(targetText(run.target))} |`,
    `| Findings | ${countsText(countVerdicts(result.findings))} |`,
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

function findingRow(finding: Finding): string {
  const cells = [
    verdictCell(finding.verdict),
    `${OBJECTIVE_WORDS[finding.objective]}: ${md(finding.title, 200)}<br>${code(finding.id, 120)}`,
    measuredText(finding.measured, finding.target),
    boundText(finding.target),
    marginText(finding),
    formatNumber(finding.samples, 0),
  ];
  return `| ${cells.join(' | ')} |`;
}

function findings(result: RunResult): string[] {
  if (result.findings.length === 0) return ['There are no findings: nothing could be judged.', ''];
  return [
    '| Verdict | Finding | Measured | Target | Margin | n |',
    '| --- | --- | ---: | ---: | ---: | ---: |',
    ...worstFirst(result.findings).map(findingRow),
    '',
  ];
}

function troubles(result: RunResult): string[] {
  const rows = worstFirst(result.findings).filter(({ verdict }) => verdict !== 'pass');
  if (rows.length === 0) return [];
  return [
    '### Why',
    '',
    ...rows.map((finding) => {
      const cause = finding.cause === undefined ? '' : ` Cause: ${md(finding.cause)}`;
      const hint = finding.hint === undefined ? '' : ` Hint: ${md(finding.hint)}`;
      return `- ${verdictCell(finding.verdict)} ${code(finding.id, 120)}: ${md(finding.story, 600)}${cause}${hint}`;
    }),
    '',
  ];
}

function leftovers({ putBack }: RunResult): string[] {
  if (putBack.leftovers.length === 0) return [];
  const rows = putBack.leftovers.map(
    ({ cluster, ref, command }) => `- ${code(cluster)} ${code(ref)}: ${code(command, 500)}`,
  );
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
    `### Failover order of ${md(ladder.service, 60)} for callers in ${md(ladder.fromZone, 60)}, n = ${formatNumber(ladder.samples, 0)}`,
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
export function renderMarkdown(result: RunResult): string {
  const lines = [head, findings, leftovers, troubles, story, ladders].flatMap((part) => part(result));
  return within(lines, MOST_BYTES).trimEnd().concat('\n');
}
