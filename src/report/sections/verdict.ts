import type { Finding, Verdict } from '../../model/finding.ts';
import { anchorOf, firstById } from '../anchors.ts';
import { oneLine } from '../escape.ts';
import { boundText, formatNumber, marginText, measuredText } from '../format.ts';
import { type Html, html } from '../html.ts';
import { fill, stroke } from '../svg/paint.ts';
import { evidenceLinks, idAttribute, linkTo, table, type View, verdictMark } from '../view.ts';
import {
  countsText,
  countVerdicts,
  OBJECTIVE_WORDS,
  putBackText,
  STATUS_WORDS,
  targetText,
  VERDICT_WORDS,
  worstFirst,
} from '../words.ts';

const OUTLINES: Readonly<Record<Verdict, string>> = {
  pass: 'M22 2A20 20 0 1 0 22 42A20 20 0 1 0 22 2Z',
  fail: 'M14 2H30L42 14V30L30 42H14L2 30V14Z',
  inconclusive: 'M22 2L43 40H1Z',
};

const STROKES: Readonly<Record<Verdict, string>> = {
  pass: 'M12 23L19 30L32 15',
  fail: 'M14 14L30 30M30 14L14 30',
  inconclusive: 'M17.5 21C17.5 13.5 26.5 13.5 26.5 19.5C26.5 23.5 22 23.5 22 28M22 32V35.5',
};

function emblem(verdict: Verdict): Html {
  return html`<svg class="emblem" width="44" height="44" viewBox="0 0 44 44" aria-hidden="true"><path d="${OUTLINES[verdict]}" ${fill(verdict)}/><path d="${STROKES[verdict]}" ${stroke('bg', 4)}/></svg>`;
}

type Tone = 'good' | 'bad' | 'plain';

function chip(name: string, text: string, tone: Tone, href?: string): Html {
  const shape = { good: '✓', bad: '✗', plain: '•' }[tone];
  const words = href === undefined ? text : html`<a href="${href}">${text}</a>`;
  return html`<li class="chip ${tone}"><span aria-hidden="true">${shape}</span> ${name === '' ? '' : `${name}: `}${words}</li>`;
}

function chips(view: View): Html {
  const { status, statusReason, putBack, run } = view.result;
  const putBackTone = putBack.state === 'incomplete' ? 'bad' : putBack.state === 'put-back' ? 'good' : 'plain';
  const reason = statusReason === undefined ? '' : html`<p class="why">Harness: ${oneLine(statusReason, 400)}</p>`;
  return html`<ul class="chips">${chip('harness', STATUS_WORDS[status], status === 'completed' ? 'good' : 'bad')}${chip(
    '',
    putBackText(putBack),
    putBackTone,
    '#rollback',
  )}${chip('target', oneLine(targetText(run.target), 120), 'plain')}</ul>${reason}`;
}

function reason(view: View): Html {
  const { result } = view;
  const finding = result.reasonFinding === undefined ? undefined : view.findings.get(result.reasonFinding);
  const link = finding === undefined ? '' : html` ${linkTo(view, finding.id, 'See the finding')}`;
  const facts =
    finding === undefined
      ? ''
      : html`<dl class="reason-facts"><div><dt>measured</dt><dd>${measuredText(finding.measured, finding.target)}</dd></div><div><dt>target</dt><dd>${boundText(finding.target)}</dd></div><div><dt>margin</dt><dd>${marginText(finding)}</dd></div><div><dt>n</dt><dd>${formatNumber(finding.samples, 0)}</dd></div></dl>`;
  return html`<p class="reason">${oneLine(result.reason, 500)}${link}</p>${facts}`;
}

function storyOf(view: View): Html {
  const { story } = view.result;
  if (story.length === 0) return html``;
  const lines = story.map(
    ({ at, text, link }) =>
      html`<li>${linkTo(view, link, at === undefined ? 'throughout' : html`${view.time.offset(at)} <span class="utc">${view.time.clock(at)}</span>`)} <span>${oneLine(text, 400)}</span></li>`,
  );
  return html`<div><h2 class="small">What happened</h2><ol class="story">${lines}</ol></div>`;
}

function named(finding: Finding): Html {
  return html`<div class="title">${oneLine(finding.title)}</div><div class="sub">${OBJECTIVE_WORDS[finding.objective]}, ${oneLine(finding.subject, 200)}</div><a class="perma" href="#${anchorOf(finding.id)}">${oneLine(finding.id, 120)}</a>`;
}

const COLUMNS = ['Verdict', 'Finding', 'Measured', 'Target', 'Margin', 'n', 'Evidence'] as const;

function explained(finding: Finding | undefined): Html | undefined {
  if (finding === undefined || finding.verdict === 'pass') return undefined;
  const cause = finding.cause === undefined ? '' : html` <b>Cause:</b> ${oneLine(finding.cause, 600)}`;
  const hint = finding.hint === undefined ? '' : html` <b>Hint:</b> ${oneLine(finding.hint, 600)}`;
  return html`<tr class="r-${finding.verdict} why"><td></td><td colspan="${COLUMNS.length - 1}">${oneLine(finding.story, 600)}${cause}${hint}</td></tr>`;
}

function findingsTable(view: View): Html {
  const rows = worstFirst(view.result.findings);
  if (rows.length === 0) return html`<p class="none">There are no findings: nothing could be judged.</p>`;
  const first = firstById(rows);
  return table({
    caption: `Findings: ${countsText(countVerdicts(rows))}`,
    columns: COLUMNS,
    under: (at) => explained(rows[at]),
    stacks: true,
    rowAttributes: (at) => {
      const row = rows[at];
      return row === undefined ? '' : html`${first.has(at) ? idAttribute(row.id) : ''} class="r-${row.verdict}"`;
    },
    rows: rows.map((finding) => [
      verdictMark(finding.verdict),
      { head: named(finding) },
      { num: measuredText(finding.measured, finding.target) },
      { num: boundText(finding.target) },
      { num: marginText(finding) },
      { num: formatNumber(finding.samples, 0) },
      evidenceLinks(view, finding.evidence),
    ]),
  });
}

/** Passed or not, why, and whether everything was put back: the first screen. */
export function verdictSection(view: View): Html {
  const { verdict, run } = view.result;
  return html`<section id="verdict" aria-labelledby="ui-verdict"><div class="hero h-${verdict}">${emblem(verdict)}<div><h1 id="ui-verdict"><span class="word">${VERDICT_WORDS[verdict].word}</span> <span class="name">${oneLine(run.scenario.name, 120)}</span></h1><p class="hypothesis">${oneLine(run.scenario.hypothesis, 600)}</p>${reason(view)}${chips(view)}</div></div><div class="below${view.result.story.length === 0 ? ' alone' : ''}">${storyOf(view)}<div><h2 class="small">Findings</h2>${findingsTable(view)}</div></div></section>`;
}
