import type { Verdict } from '../../model/finding.ts';
import { type Place, placeText } from '../../model/place.ts';
import type { Failback, Ladder, Rung } from '../../model/result.ts';
import { oneLine } from '../escape.ts';
import { countText, formatNumber, percentText, shareText, spanText } from '../format.ts';
import { type Html, html } from '../html.ts';
import { PALETTE } from '../palette.ts';
import { shortlist } from '../shortlist.ts';
import { bulletAxis, bulletGauge, bulletTop } from '../svg/bullet.ts';
import { fill, pct, stroke } from '../svg/paint.ts';
import { dataBehind, evidenceLinks, findingLine, moment, section, type View } from '../view.ts';
import { callersText, RUNG_WORDS } from '../words.ts';

const TONES = { yes: ['pass', '✓'], no: ['fail', '✗'], neutral: ['neutral', '•'] } as const;

/** The node of a rung: filled where it served, hollow where it did not. */
function node(rung: Rung, place: 'first' | 'middle' | 'last'): Html {
  const [ink] = TONES[RUNG_WORDS[rung.state].good];
  const rail = { first: ['28', '100%'], middle: ['0', '100%'], last: ['0', '28'] }[place];
  const dot =
    rung.hits > 0
      ? html`<circle cx="14" cy="28" r="8" ${fill(ink)}/>`
      : html`<circle cx="14" cy="28" r="7" class="f-bg s-${ink}" fill="${PALETTE.bg[0]}" stroke="${PALETTE[ink][0]}" stroke-width="2"/>`;
  return html`<svg class="rail" width="28" height="56" aria-hidden="true"><line x1="14" x2="14" y1="${rail[0]}" y2="${rail[1]}" ${stroke('neutral', 2)}/>${dot}</svg>`;
}

function shareBar(rung: Rung, id: string, zoneTone: Html): Html {
  const name = `${percentText(rung.share)} served, ${expectedText(rung)}`;
  const expected =
    rung.expectedShare > 0
      ? html`<line x1="${pct(rung.expectedShare * 100)}" x2="${pct(rung.expectedShare * 100)}" y1="0" y2="20" ${stroke('text', 2)}/>`
      : '';
  return html`<svg class="share" role="img" aria-labelledby="${id}-t ${id}-d" width="100%" height="20"><title id="${id}-t">Share of answers</title><desc id="${id}-d">${name}</desc><rect width="100%" y="4" height="12" ${fill('phaseA')}/><rect width="${pct(rung.share * 100)}" y="4" height="12" ${zoneTone}/>${expected}</svg>`;
}

function expectedText(rung: Rung): string {
  if (rung.origin === 'other') return 'not declared';
  return rung.expectedShare > 0 ? `expected at least ${percentText(rung.expectedShare)}` : 'none expected';
}

function rungItem(view: View, ladder: Ladder, rung: Rung, index: number): Html {
  const place = index === 0 ? 'first' : index === ladder.rungs.length - 1 ? 'last' : 'middle';
  const { word, good } = RUNG_WORDS[rung.state];
  const [ink, shape] = TONES[good];
  const rank =
    rung.origin === 'home'
      ? 'home'
      : rung.origin === 'declared'
        ? `declared ${ladder.rungs.slice(0, index + 1).filter(({ origin }) => origin === 'declared').length}`
        : 'not declared';
  const inkOfPlace = view.zoneInk(zoneOf(view, rung.place) ?? ladder.fromZone);
  const capacity = rung.capacity === null ? 'capacity unknown' : `${countText(rung.capacity, 'healthy endpoint')}`;
  const first =
    rung.firstHit === undefined
      ? html`<span class="muted">no answer</span>`
      : html`first ${moment(view, rung.firstHit)}`;
  return html`<li class="rung g-${good}">${node(rung, place)}<div class="where"><b>${oneLine(placeText(rung.place), 80)}</b><span class="sub">${rank}, ${capacity}</span></div><div class="bar">${shareBar(rung, `ui-rung-${view.result.ladders.indexOf(ladder)}-${index}`, fill(inkOfPlace))}<span class="sub">${percentText(rung.share)} (${countText(rung.hits, 'answer')}), ${expectedText(rung)}</span></div><div class="hit">${first}</div><div class="state"><span class="k k-${ink}"><span aria-hidden="true">${shape}</span> ${word}</span><span class="sub">evidence ${evidenceLinks(view, rung.evidence)}</span></div></li>`;
}

/** A zone of a place, whose colour stands for it; undefined for what no zone tells. */
function zoneOf({ result }: View, place: Place): string | undefined {
  if ('zone' in place) return place.zone;
  if ('region' in place) return result.series.serving.find(({ region }) => region === place.region)?.zone ?? '';
  if (!('cluster' in place)) return undefined;
  return result.run.topology.clusters.find(({ name }) => name === place.cluster)?.zones[0];
}

function ladderBlock(view: View, ladder: Ladder): Html {
  const stage = view.result.ladders.some((one) => one.stage !== ladder.stage)
    ? `, stage ${formatNumber(ladder.stage, 0)}`
    : '';
  const title = `${oneLine(ladder.service, 60)} for callers in ${oneLine(callersText(ladder), 60)}${stage}`;
  return html`<div class="ladder"><h3>Away: ${title}</h3><p class="sub">Stage ${ladder.stage}, fault ${ladder.faults.map((name) => oneLine(name, 60)).join(', ')}, ${view.time.range(ladder.start, ladder.end)}, ${countText(ladder.samples, 'good hop')} in its steady part. The tick on a bar is the declared share.</p>${findingLine(view, ladder.finding)}<ol class="rungs">${ladder.rungs.map((rung, index) => rungItem(view, ladder, rung, index))}</ol>${dataBehind(
    {
      caption: `ladder of ${title}`,
      columns: ['Place', 'Origin', 'Healthy endpoints', 'Expected share', 'Share', 'First answer', 'State'],
      rows: ladder.rungs.map((rung) => [
        { head: oneLine(placeText(rung.place), 80) },
        rung.origin,
        { num: rung.capacity === null ? 'unknown' : rung.capacity },
        { num: percentText(rung.expectedShare) },
        { num: ladder.samples > 0 ? shareText(rung.hits, ladder.samples) : percentText(rung.share) },
        rung.firstHit === undefined ? 'none' : moment(view, rung.firstHit),
        RUNG_WORDS[rung.state].word,
      ]),
    },
  )}</div>`;
}

function homeText({ home, undone }: Failback): string {
  if (home === undefined) return 'never left';
  if (home.hi === null) return `not home ${spanText(home.lo - undone)} after the undo, when the observation ended`;
  return `home ${spanText(home.lo - undone)} to ${spanText(home.hi - undone)} after the undo`;
}

function failbackBlock(view: View, failback: Failback, index: number): Html {
  const { home, undone } = failback;
  const finding = view.judged.get(failback.finding);
  const title = `${oneLine(failback.service, 60)} for callers in ${oneLine(callersText(failback), 60)}`;
  const seconds = (at: number): number => (at - undone) / 1_000_000;
  const bullet = home && {
    lo: seconds(home.lo),
    hi: home.hi === null ? null : seconds(home.hi),
    target: finding?.target?.unit === 's' ? finding.target.value : undefined,
    verdict: finding?.verdict ?? 'inconclusive',
  };
  const top = bullet === undefined ? 1 : bulletTop([bullet]);
  const about = { id: `ui-home-${index}`, title: `Way home of ${title}`, desc: homeText(failback) };
  const gauge = bullet === undefined ? '' : html`${bulletGauge(about, bullet, top)}${bulletAxis(top, ' s')}`;
  const when = typeof home?.hi === 'number' ? moment(view, home.hi) : '';
  return html`<div class="ladder"><h3>Home: ${title}</h3>${findingLine(view, failback.finding)}<div class="way"><div>undone<span class="sub">${moment(view, undone)}</span></div>${gauge === '' ? '' : html`<div>${gauge}</div>`}<div>${homeText(failback)}<span class="sub">${when}</span></div></div></div>`;
}

const WEIGHTS: Readonly<Record<Verdict, number>> = { fail: 3, inconclusive: 2, pass: 1 };

function verdictWeight(view: View, finding: string): number {
  return WEIGHTS[view.judged.get(finding)?.verdict ?? 'inconclusive'];
}

/** What has no picture, in one line; a fail among it is never silent. */
function restLine(view: View, rest: readonly { readonly finding: string }[], one: string, many = `${one}s`): Html {
  if (rest.length === 0) return html``;
  const wrong = rest.filter(({ finding }) => verdictWeight(view, finding) > WEIGHTS.pass).length;
  const words = wrong === 0 ? 'all of them pass' : `${formatNumber(wrong, 0)} of them do not pass, see result.json`;
  return html`<p class="sub">${countText(rest.length, `more ${one}`, `more ${many}`)}: ${words}.</p>`;
}

/** Who took over, in which order, against the declared order; and the way home. */
export function orderSection(view: View): Html {
  const ladders = shortlist(view.result.ladders, ({ finding }) => verdictWeight(view, finding));
  const failbacks = shortlist(view.result.failbacks, ({ finding }) => verdictWeight(view, finding));
  const none =
    view.result.ladders.length === 0
      ? html`<p class="none">No failover order was judged: no fault took effect, or none was declared.</p>`
      : '';
  return section(
    'order',
    'Failover order',
    'Nearest place on top. A nearer place that still had healthy endpoints must not be skipped.',
    html`${none}${ladders.shown.map((ladder) => ladderBlock(view, ladder))}${restLine(view, ladders.rest, 'failover order')}${failbacks.shown.map((failback, index) => failbackBlock(view, failback, index))}${restLine(view, failbacks.rest, 'way home', 'ways home')}`,
  );
}
