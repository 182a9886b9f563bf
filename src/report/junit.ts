import type { Finding } from '../model/finding.ts';
import type { RunResult } from '../model/result.ts';
import { escapeXml, oneLine } from './escape.ts';
import { boundText, formatNumber, marginText, measuredText } from './format.ts';
import { countVerdicts, OBJECTIVE_WORDS, putBackText, STATUS_WORDS } from './words.ts';

/*
 * How a run looks to a CI system that knows only tests:
 *   a finding that fails            -> failure
 *   a finding that is inconclusive  -> error, type "inconclusive": many viewers hide `skipped`, and what nobody could
 *                                      decide must never look green
 *   the harness did not complete    -> error of the case "harness"
 *   something of ours is left       -> failure of the case that has the objective putBack, or of the case "putBack"
 * Nothing is ever skipped. Names are finding ids: no run id, no figures, so that histories of CI systems hold.
 */

type Case = { readonly name: string; readonly body: string };

function element(name: 'failure' | 'error', type: string, message: string, text: string): string {
  return `<${name} type="${escapeXml(type)}" message="${escapeXml(oneLine(message, 500))}">${escapeXml(text)}</${name}>`;
}

function figures(finding: Finding): string {
  const n = `n ${formatNumber(finding.samples, 0)}`;
  return `${finding.measured === undefined ? '' : 'measured '}${measuredText(finding.measured, finding.target)}, target ${boundText(finding.target)}, margin ${marginText(finding)}, ${n}`;
}

function body(finding: Finding): string {
  const words = [
    `${OBJECTIVE_WORDS[finding.objective]}: ${oneLine(finding.title)}`,
    oneLine(finding.story, 1000),
    figures(finding),
    ...(finding.cause === undefined ? [] : [`cause: ${oneLine(finding.cause, 1000)}`]),
    ...(finding.hint === undefined ? [] : [`hint: ${oneLine(finding.hint, 1000)}`]),
    `evidence: ${
      finding.evidence
        .slice(0, 20)
        .map((id) => oneLine(id, 60))
        .join(', ') || 'none'
    }`,
  ].join('\n');
  const message = `${oneLine(finding.title)}: ${figures(finding)}`;
  if (finding.verdict === 'fail') return element('failure', finding.objective, message, words);
  if (finding.verdict === 'inconclusive') return element('error', 'inconclusive', message, words);
  return `<system-out>${escapeXml(words)}</system-out>`;
}

function caseNames(findings: readonly Finding[]): readonly string[] {
  const used = new Map<string, number>();
  return findings.map(({ id }) => {
    const times = (used.get(id) ?? 0) + 1;
    used.set(id, times);
    return oneLine(times === 1 ? id : `${id} (${times})`, 300);
  });
}

function harnessCase(result: RunResult): Case {
  const words = `${STATUS_WORDS[result.status]}. ${oneLine(result.statusReason ?? '', 1000)}`.trim();
  return { name: 'harness', body: result.status === 'completed' ? '' : element('error', result.status, words, words) };
}

function putBackCase(result: RunResult): Case[] {
  if (result.findings.some(({ objective }) => objective === 'putBack')) return [];
  const words = `${putBackText(result.putBack)}. ${oneLine(result.putBack.detail, 1000)}`;
  const left = result.putBack.leftovers.map(
    ({ cluster, command }) => `${oneLine(cluster, 100)}: ${oneLine(command, 1000)}`,
  );
  const failed = result.putBack.state === 'incomplete';
  return [{ name: 'putBack', body: failed ? element('failure', 'putBack', words, [words, ...left].join('\n')) : '' }];
}

/** The run as JUnit XML: one case for each finding, one for the harness, and always one for what was put back. */
export function renderJunit(result: RunResult): string {
  const names = caseNames(result.findings);
  const cases: Case[] = [
    ...result.findings.map((finding, at) => ({ name: names[at] ?? '', body: body(finding) })),
    harnessCase(result),
    ...putBackCase(result),
  ];
  const scenario = oneLine(result.run.scenario.name, 200);
  const seconds = (Number.isFinite(result.duration) ? result.duration / 1_000_000 : 0).toFixed(3);
  const counts = countVerdicts(result.findings);
  const number = (kind: string): number => cases.filter((one) => one.body.startsWith(`<${kind} `)).length;
  const totals = `tests="${cases.length}" failures="${number('failure')}" errors="${number('error')}" skipped="0" time="${seconds}"`;
  const file = escapeXml(oneLine(result.run.scenario.source.file, 500));
  const properties = {
    verdict: result.verdict,
    status: result.status,
    exitCode: result.exitCode,
    putBack: result.putBack.state,
    target: result.run.target.kind,
    ...counts,
  };
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="faultline" ${totals}>`,
    `<testsuite name="${escapeXml(scenario)}" ${totals} timestamp="${escapeXml(oneLine(result.startedAt, 40))}">`,
    '<properties>',
    ...Object.entries(properties).map(
      ([name, value]) => `<property name="${name}" value="${escapeXml(String(value))}"/>`,
    ),
    '</properties>',
    ...cases.map(({ name, body: inner }) => {
      const head = `<testcase classname="${escapeXml(scenario)}" name="${escapeXml(name)}" file="${file}" time="0"`;
      return inner === '' ? `${head}/>` : `${head}>${inner}</testcase>`;
    }),
    '</testsuite>',
    '</testsuites>',
  ];
  return `${lines.join('\n')}\n`;
}
