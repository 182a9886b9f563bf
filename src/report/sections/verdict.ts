import { oneLine } from '../escape.ts';
import { FACE_INKS, FACE_WORDS, type Face, faceOf, reasonText, statusReasonOf } from '../face.ts';
import { failureTexts } from '../failures.ts';
import { figuresOf } from '../figures.ts';
import { type Html, html } from '../html.ts';
import { fill, stroke } from '../svg/paint.ts';
import { linkTo, type View } from '../view.ts';
import { warningTexts } from '../warnings.ts';
import { putBackText, STATUS_WORDS, targetText } from '../words.ts';
import { findingsTable } from './findings.ts';
import { flowPictures } from './flows.ts';

const OUTLINES: Readonly<Record<Face, string>> = {
  pass: 'M22 2A20 20 0 1 0 22 42A20 20 0 1 0 22 2Z',
  fail: 'M14 2H30L42 14V30L30 42H14L2 30V14Z',
  inconclusive: 'M22 2L43 40H1Z',
  untested: 'M4 8H40V36H4Z',
};

const STROKES: Readonly<Record<Face, string>> = {
  pass: 'M12 23L19 30L32 15',
  fail: 'M14 14L30 30M30 14L14 30',
  inconclusive: 'M17.5 21C17.5 13.5 26.5 13.5 26.5 19.5C26.5 23.5 22 23.5 22 28M22 32V35.5',
  untested: 'M13 22H31',
};

function emblem(face: Face): Html {
  return html`<svg class="emblem" width="44" height="44" viewBox="0 0 44 44" aria-hidden="true"><path d="${OUTLINES[face]}" ${fill(FACE_INKS[face])}/><path d="${STROKES[face]}" ${stroke('bg', 4)}/></svg>`;
}

type Tone = 'good' | 'bad' | 'plain';

function chip(name: string, text: string, tone: Tone, href?: string): Html {
  const shape = { good: '✓', bad: '✗', plain: '•' }[tone];
  const words = href === undefined ? text : html`<a href="${href}">${text}</a>`;
  return html`<li class="chip ${tone}"><span aria-hidden="true">${shape}</span> ${name === '' ? '' : `${name}: `}${words}</li>`;
}

function chips(view: View): Html {
  const { status, putBack, run } = view.result;
  const putBackTone = putBack.state === 'incomplete' ? 'bad' : putBack.state === 'put-back' ? 'good' : 'plain';
  const statusTone = status === 'completed' ? 'good' : status === 'refused' ? 'plain' : 'bad';
  const statusReason = statusReasonOf(view.result);
  const reason = statusReason === undefined ? '' : html`<p class="why">Harness: ${oneLine(statusReason, 400)}</p>`;
  return html`<ul class="chips">${chip('harness', STATUS_WORDS[status], statusTone)}${chip(
    '',
    putBackText(putBack),
    putBackTone,
    '#rollback',
  )}${chip('target', oneLine(targetText(run.target), 120), 'plain')}</ul>${reason}`;
}

function warnings(view: View): Html {
  const texts = warningTexts(view.result);
  return html`${texts.map((text) => html`<p class="warn"><strong>Warning.</strong> ${oneLine(text, 1000)}</p>`)}`;
}

/** What failed, in the words of the errors themselves: a verdict without it sends a reader searching. */
function failures(view: View): Html {
  const texts = failureTexts(view.result);
  if (texts.length === 0) return html``;
  return html`<div class="failed"><p>What failed: <a href="#budget">see the error budget</a></p><ul>${texts.map((text) => html`<li>${text}</li>`)}</ul></div>`;
}

/** The one reason, and the figures that it does not have itself. */
function reason(view: View): Html {
  const { result } = view;
  const finding = result.reasonFinding === undefined ? undefined : view.judged.get(result.reasonFinding);
  const link = finding === undefined ? '' : html` ${linkTo(view, finding.id, 'See the finding')}`;
  const words = reasonText(result);
  const figures =
    finding === undefined
      ? []
      : Object.entries(figuresOf(finding)).filter(([name]) => !new RegExp(`\\b${name} [\\d<>=]`).test(words));
  const facts =
    figures.length === 0
      ? ''
      : html`<dl class="reason-facts">${figures.map(([name, text]) => html`<div><dt>${name === 'restsOn' ? 'judged from' : name}</dt><dd>${text}</dd></div>`)}</dl>`;
  return html`<p class="reason">${oneLine(words, 500)}${link}</p>${facts}`;
}

/** Keys that only tell the sandbox what to apply. */
const OWN_KEY = /^([\w-]+\.)?faultline\.dev\//;
const MOST_NOTES = 12;

/** What the scenario's annotations say of owner, ticket, runbook. */
function notes(view: View): Html {
  const all = Object.entries(view.result.run.scenario.annotations).filter(([key]) => !OWN_KEY.test(key));
  if (all.length === 0) return html``;
  const shown = all
    .slice(0, MOST_NOTES)
    .map(([key, text]) => html`<div><dt>${oneLine(key, 80)}</dt><dd>${oneLine(text, 200)}</dd></div>`);
  return html`<dl class="reason-facts notes">${shown}</dl>`;
}

/** For the paper copy of an audit. */
const SIGNATURE = html`<p class="sign">Approved by: <span></span> Date: <span></span></p>`;

function storyOf(view: View): Html {
  const { story } = view.result;
  if (story.length === 0) return html``;
  const lines = story.map(
    ({ at, text, link }) =>
      html`<li>${linkTo(view, link, at === undefined ? 'throughout' : html`${view.time.offset(at)} <span class="utc">${view.time.clock(at)}</span>`)} <span>${oneLine(text, 400)}</span></li>`,
  );
  return html`<div><h2 class="small">What happened</h2><ol class="story">${lines}</ol></div>`;
}

/** A sandbox has no mesh: whoever reads only the verdict must not take it for that of one. */
function modelNote({ result }: View): Html {
  if (result.run.target.kind !== 'sandbox') return html``;
  return html`<p class="model">On the embedded sandbox, which models a mesh: this tells how the drill goes, not what your clusters would do.</p>`;
}

/** Passed or not, why, and whether everything was put back: the first screen. */
export function verdictSection(view: View): Html {
  const { run, story } = view.result;
  const face = faceOf(view.result);
  return html`<section id="verdict" aria-labelledby="ui-verdict"><div class="hero h-${face}">${emblem(face)}<div><h1 id="ui-verdict"><span class="word">${FACE_WORDS[face].word}</span> <span class="name">${oneLine(run.scenario.name, 120)}</span></h1><p class="hypothesis">Hypothesis: ${oneLine(run.scenario.hypothesis, 600)}</p>${reason(view)}${chips(view)}${modelNote(view)}${warnings(view)}${failures(view)}${notes(view)}</div></div>${SIGNATURE}${flowPictures(view)}<div class="below${story.length === 0 ? ' alone' : ''}">${storyOf(view)}<div><h2 class="small">Findings</h2>${findingsTable(view)}</div></div></section>`;
}
