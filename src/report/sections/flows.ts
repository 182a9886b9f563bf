import type { Budget, Flow, FlowPart } from '../../model/result.ts';
import { zoneLabels, zonesByLabel } from '../../model/zone-label.ts';
import { oneLine } from '../escape.ts';
import { countText, formatNumber, percentText } from '../format.ts';
import { type Html, html } from '../html.ts';
import { moreText } from '../shortlist.ts';
import { flowMap, type MapFlow, type MapRegion, type MapZone } from '../svg/flow-map.ts';
import { dataBehind, type View } from '../view.ts';

/** A map is for looking; with more zones the numbers behind it tell all. */
const MOST_ZONES = 8;
const MOST_STAGES = 3;
const MOST_ROWS = 60;
/** Less is not drawn; the numbers have it. */
const LEAST_SHARE = 0.005;
/** So many times its share of before is a share that has grown: what is counted in a few seconds swings. */
const USUAL = 1.2;

type Shared = FlowPart['calls'][number] & { readonly share: number };

/** Calls with their share of what the callers of their zone called. */
function sharesOf({ calls }: FlowPart): Shared[] {
  const totals = new Map<string, number>();
  for (const { from, n } of calls) totals.set(from, (totals.get(from) ?? 0) + n);
  return calls.map((call) => ({ ...call, share: call.n / (totals.get(call.from) ?? call.n) }));
}

/** Where traffic went: before, while faults were on, and at the end. Nothing where no service of the chain was hit. */
export function flowPictures(view: View): Html {
  const flows = (view.result.flows ?? []).filter(({ parts }) => parts.some(({ calls }) => calls.length > 0));
  if (flows.length === 0) return html``;
  const [first] = flows as [Flow, ...Flow[]];
  const [shown, others] = [mapsOf(view, first, 0), flows.slice(1)];
  const more =
    others.length === 0
      ? ''
      : html`<details class="data"><summary>The same of ${others.map(({ service }) => service).join(', ')}</summary>${others.map((flow, index) => mapsOf(view, flow, index + 1))}</details>`;
  return html`<div role="group" aria-labelledby="ui-flows"><h2 class="small" id="ui-flows">Where calls of ${oneLine(first.service, 60)} went</h2>${shown}${more}</div>`;
}

/** The first stage and the last ones, with what lies around them. */
function shortened({ service, parts }: Flow): Flow {
  const stages = parts.filter(({ part }) => part === 'stage');
  const left = new Set(stages.slice(1, Math.max(1, stages.length - MOST_STAGES + 1)));
  return { service, parts: parts.filter((part) => !left.has(part)) };
}

function mapsOf(view: View, whole: Flow, index: number): Html {
  const flow = shortened(whole);
  const left = whole.parts.length - flow.parts.length;
  const zones = zonesOf(view, flow);
  const maps = flow.parts.map((part, at) => {
    const title = titleOf(part);
    const map = flowMap({
      id: `flow-${index}-${at}`,
      title: `${title}: who served the callers of ${oneLine(flow.service, 60)}`,
      desc: sharesOf(part).map(sentenceOf).join(' ') || 'No good call was counted.',
      regions: [...regionsOf(view, part, zones), ...gatewaysOf(flow, part)],
      flows: drawn(part, zones),
    });
    return html`<figure class="flow${part.part === 'stage' ? ' on' : ''}"><figcaption>${title}${lengthOf(part)}</figcaption>${map}</figure>`;
  });
  const more = left === 0 ? '' : ` ${countText(left, 'stage')} in between are in result.json.`;
  return html`<p class="said">${leadOf(view, flow, zones)}${more}</p><div class="flows">${maps}</div>${numbersOf(flow)}`;
}

function titleOf({ part, faults }: FlowPart): string {
  if (part === 'before') return 'Before';
  const verb = faults.length > 1 ? 'were' : 'was';
  return part === 'after' ? 'At the end' : `While ${oneLine(faults.join(' and '), 60)} ${verb} on`;
}

/** How long calls were counted for a picture: what is sent between two of them is in none. */
function lengthOf({ start, end }: FlowPart): string {
  return Number.isFinite(end - start) ? `, for ${formatNumber((end - start) / 1_000_000, 1)} s` : '';
}

const sentenceOf = (call: Shared): string => `${oneLine(call.from, 60)} to ${toText(call)} ${percentText(call.share)}.`;

/** Who served, and which way led there. */
function toText({ to, through }: Pick<Shared, 'to' | 'through'>): string {
  if (through === undefined) return oneLine(to, 60);
  return through === to
    ? `whom the ${oneLine(to, 60)} chose`
    : `${oneLine(to, 60)} (through the ${oneLine(through, 60)})`;
}

/** What the maps show, in one sentence for each thing that a reader asks. */
function leadOf({ result }: View, flow: Flow, zones: readonly string[]): string {
  const stage = flow.parts.findLast(({ part }) => part === 'stage');
  const [before, after] = (['before', 'after'] as const).map((name) => flow.parts.find(({ part }) => part === name));
  const rest = restOf(flow, zones);
  return [
    ...(stage === undefined ? [] : [brokenText(flow.service, stage), movedText(stage, before)]),
    failedText(result.budget),
    ...(after === undefined ? [] : [homeText(after, zonesByLabel(result.run.topology.clusters))]),
    ...(rest === 0 ? [] : [`${countText(rest, 'other zone')} in the numbers below.`]),
  ].join(' ');
}

/** Whether users noticed: how many requests failed, of how many, and for how long. */
function failedText({ good, bad, groups }: Budget): string {
  const sent = `the ${countText(good + bad, 'request')} sent from the injection to the end of the undo`;
  if (bad === 0) return `None of ${sent} failed.`;
  const from = Math.min(...groups.map(({ first }) => first));
  const lasted = Math.max(...groups.map(({ last }) => last)) - from;
  const span =
    lasted > 0 && Number.isFinite(lasted) ? `, within ${formatNumber(Math.ceil(lasted / 100_000) / 10, 1)} s` : '';
  return `${formatNumber(bad, 0)} of ${sent} failed${span}.`;
}

function brokenText(service: string, { hit, faults }: FlowPart): string {
  return `${oneLine(service, 60)} was hit in ${oneLine(hit.join(', '), 200)} (${oneLine(faults.join(', '), 120)}).`;
}

/** What another place serves that it did not serve before; clusters with zones of one name may share their calls at all times. */
function movedText(part: FlowPart, before: FlowPart | undefined): string {
  const usual = new Map((before ? sharesOf(before) : []).map(({ from, to, share }) => [`${from}\u0000${to}`, share]));
  const away = sharesOf(part).filter(
    ({ from, to, share }) => from !== to && share >= LEAST_SHARE + USUAL * (usual.get(`${from}\u0000${to}`) ?? 0),
  );
  const silent = part.hit.filter((zone) => part.calls.every(({ from }) => from !== zone));
  const moved = away.map(
    (call) => `${toText(call)} took ${percentText(call.share)} of the calls from ${oneLine(call.from, 60)}`,
  );
  const quiet = silent.map((zone) => `no good call came from ${oneLine(zone, 60)}`);
  const said = [...moved, ...quiet];
  return said.length === 0
    ? 'Calls went on as before.'
    : `${said.slice(0, 4).join('; ')}${said.length > 4 ? '; and more' : ''}.`;
}

function homeText(part: FlowPart, places: ReturnType<typeof zonesByLabel>): string {
  const zone = (label: string): string => places.get(label)?.zone ?? label;
  const away = sharesOf(part).filter(({ from, to, share }) => zone(from) !== zone(to) && share >= LEAST_SHARE);
  if (part.calls.length === 0) return 'At the end no good call was counted.';
  return away.length === 0
    ? 'At the end every zone is served at home.'
    : `At the end ${away.map(({ from, share }) => `${percentText(share)} of the calls from ${oneLine(from, 60)}`).join(', ')} still went elsewhere.`;
}

/** Zones on the map: those that matter first, in the order of the topology. */
function zonesOf({ result }: View, flow: Flow): string[] {
  const all = allZones(result.run.topology.clusters, flow);
  if (all.length <= MOST_ZONES) return all;
  const away = flow.parts.flatMap(({ calls }) => calls.filter(({ from, to }) => from !== to));
  const weight = new Map<string, number>();
  for (const { from, to, n } of away) for (const zone of [from, to]) weight.set(zone, (weight.get(zone) ?? 0) + n);
  for (const zone of flow.parts.flatMap(({ hit }) => hit)) weight.set(zone, Number.POSITIVE_INFINITY);
  const kept = new Set(
    allZones([], flow)
      .toSorted((a, b) => (weight.get(b) ?? 0) - (weight.get(a) ?? 0))
      .slice(0, MOST_ZONES),
  );
  return all.filter((zone) => kept.has(zone));
}

function allZones(clusters: View['result']['run']['topology']['clusters'], { parts }: Flow): string[] {
  const called = parts.flatMap(({ calls, hit }) => [
    ...calls.flatMap(({ from, to, through }) => (to === through ? [from] : [from, to])),
    ...hit,
  ]);
  const label = zoneLabels(clusters);
  const plain = new Set(called);
  const known = clusters.flatMap(({ name, zones }) =>
    zones.map((zone) => (plain.has(zone) ? zone : label(zone, name))),
  );
  return [...new Set([...known, ...called])];
}

function restOf(flow: Flow, zones: readonly string[]): number {
  return allZones([], flow).filter((zone) => !zones.includes(zone)).length;
}

function regionsOf(view: View, part: FlowPart, zones: readonly string[]): MapRegion[] {
  const places = zonesByLabel(view.result.run.topology.clusters);
  const groups = Map.groupBy(zones, (zone) => places.get(zone)?.region ?? 'no known region');
  return [...groups].map(([name, own]) => ({
    name,
    zones: own.map((label) => zoneOf(view, part, { label, zone: places.get(label)?.zone ?? label })),
  }));
}

function zoneOf(
  view: View,
  part: FlowPart,
  { label, zone }: { readonly label: string; readonly zone: string },
): MapZone {
  const broken = part.hit.includes(label);
  const calls = part.calls.filter(({ from }) => from === label);
  const n = calls.reduce((sum, call) => sum + call.n, 0);
  return {
    name: label,
    ink: view.zoneInk(zone),
    broken,
    note: `${broken ? `✗ hit, ${countText(n, 'call')}` : countText(n, 'good call')} made`,
  };
}

/** The ways into networks that are used in any part, as boxes of their own. */
function gatewaysOf({ parts }: Flow, part: FlowPart): MapRegion[] {
  const all = new Set(parts.flatMap(({ calls }) => calls.flatMap(({ through }) => through ?? [])));
  if (all.size === 0) return [];
  const zones = [...all].sort().map((name): MapZone => {
    const n = part.calls.reduce((sum, call) => (call.through === name ? sum + call.n : sum), 0);
    return { name, ink: 'neutral', broken: false, note: `passed ${countText(n, 'good call')} on` };
  });
  return [{ name: 'between networks', zones }];
}

function drawn(part: FlowPart, zones: readonly string[]): MapFlow[] {
  const shown = sharesOf(part).filter(
    ({ from, to, share, through }) =>
      share >= LEAST_SHARE && zones.includes(from) && (zones.includes(to) || to === through),
  );
  return [...shown.filter(({ through }) => through === undefined), ...passedOn(shown)];
}

/** What goes through a gateway is an arrow from each zone up to there, and one from there to each zone that serves. */
function passedOn(shown: readonly Shared[]): MapFlow[] {
  const legs = new Map<string, { from: string; to: string; share: number }>();
  const add = (from: string, to: string, share: number): void => {
    const key = `${from}\u0000${to}`;
    legs.set(key, { from, to, share: share + (legs.get(key)?.share ?? 0) });
  };
  const passed = shown.flatMap((call) => (call.through === undefined ? [] : [{ ...call, through: call.through }]));
  for (const { from, to, n, share, through } of passed) {
    const all = passed.filter((one) => one.through === through).reduce((sum, one) => sum + one.n, 0);
    add(from, through, share);
    if (to !== through) add(through, to, n / all);
  }
  return [...legs.values()];
}

function numbersOf(flow: Flow): Html {
  const rows = flow.parts.flatMap((part) =>
    sharesOf(part).map(({ n, share, ...call }) => [
      titleOf(part),
      oneLine(call.from, 60),
      toText(call),
      { num: formatNumber(n, 0) },
      { num: percentText(share) },
    ]),
  );
  const rest = moreText(rows.length - MOST_ROWS);
  const more = rest === '' ? '' : `, ${rest}`;
  return dataBehind({
    caption: `good calls of ${oneLine(flow.service, 60)} by the zone of the caller and the zone that served them${more}`,
    columns: ['When', 'Callers in', 'Served by', 'Calls', 'Share'],
    rows: rows.slice(0, MOST_ROWS),
    stacks: true,
  });
}
