import type { Evidence, FaultTimeline } from '../../model/result.ts';
import type { Micros } from '../../model/units.ts';
import { type Html, html } from '../html.ts';
import { type Ink, PALETTE } from '../palette.ts';
import type { View } from '../view.ts';
import { PHASE_WORDS } from '../words.ts';
import { fitted, roomFor, stepAt } from './frame.ts';
import type { Layers } from './layers.ts';
import { bar, fill, label, laneTitle, pct, upright } from './paint.ts';

/** Height of the line of text above a track or a plot. */
export const TITLE = 20;
/** Height of a track without its title. */
export const TRACK = 18;

const DESK_TO_PHONE = 3.2;

function phaseName(name: string, from: number, to: number, y: number): Html | '' {
  const room = roomFor(to - from);
  if (room * DESK_TO_PHONE < name.length + 1) return '';
  return label(from, y, name, { dx: 4, wide: room < name.length + 1 });
}

/** The phases of the run, one after the other. */
export function phaseTrack(view: View, top: number): Layers {
  const marks = view.result.phases.map(({ start, end }, index) => {
    const [from, to] = [view.axis.x(start), view.axis.x(end)];
    const ink = index % 2 === 0 ? 'phaseA' : 'phaseB';
    return html`<rect x="${pct(from)}" y="${top + TITLE}" width="${pct(to - from)}" height="${TRACK}" ${fill(ink)}/>`;
  });
  const names = view.result.phases.map(({ phase, start, end }) =>
    phaseName(PHASE_WORDS[phase], view.axis.x(start), view.axis.x(end), top + TITLE + 13),
  );
  return { marks: html`${marks}`, titles: html`${laneTitle(top, 'phases')}${names}` };
}

function endOf(fault: FaultTimeline): Micros | undefined {
  return fault.ended ?? stepAt(fault, 'undo-conflict') ?? stepAt(fault, 'undo-failed');
}

function faultState(fault: FaultTimeline): string {
  if (stepAt(fault, 'undo-failed') !== undefined) return 'UNDO FAILED';
  if (stepAt(fault, 'undo-conflict') !== undefined) return 'UNDO MET A CONFLICT';
  if (stepAt(fault, 'not-proven') !== undefined) return 'effect not proven';
  return fault.ended === undefined ? 'not ended' : 'undone';
}

/** One fault: thin while it was being prepared or undone, thick while it was effective, an arrow when it never ended. */
export function faultTrack(view: View, fault: FaultTimeline, top: number): Layers {
  const { axis, result } = view;
  const requested = stepAt(fault, 'requested');
  if (requested === undefined) {
    return { marks: html``, titles: laneTitle(top, fitted(`fault ${fault.name}: never requested`, 98)) };
  }
  const end = endOf(fault) ?? result.duration;
  const undo = stepAt(fault, 'undo-requested') ?? end;
  const y = top + TITLE + 2;
  const thin = bar(axis.x(requested), axis.x(end), y + 4, TRACK - 12, 'neutral');
  const { effective } = fault;
  const thick =
    effective === undefined ? '' : bar(axis.x(effective), axis.x(Math.max(effective, undo)), y, TRACK - 4, 'bandEdge');
  const arrow = fault.ended === undefined ? label(axis.x(end), y + 12, '→', { dx: 3, ink: 'fail', halo: true }) : '';
  const text = fitted(`fault ${fault.name}: ${faultState(fault)}`, 98);
  return { marks: html`${thin}${thick}`, titles: html`${laneTitle(top, text)}${arrow}` };
}

/** A tick for each Event of what the faults touched; a warning is longer and of another colour. */
export function kubeTrack(view: View, top: number): Layers {
  const seen = new Set<string>();
  const ticks = (view.result.kubeEvents?.events ?? []).map(({ at, warning }) => {
    const x = view.axis.x(at);
    const key = `${warning} ${x.toFixed(1)}`;
    if (seen.has(key)) return '';
    seen.add(key);
    const y = top + TITLE + (warning ? 0 : TRACK / 2 - 2);
    return upright(x, y, top + TITLE + TRACK - 2, warning ? 'fail' : 'z00', { width: 2 });
  });
  const words = html`Kubernetes Events: <tspan class="f-z00" fill="${PALETTE.z00[0]}">▮</tspan>normal <tspan class="f-fail" fill="${PALETTE.fail[0]}">▮</tspan>warning`;
  return { marks: html`${ticks}`, titles: laneTitle(top, words) };
}

const SOURCES: Readonly<Record<Evidence['source'], { ink: Ink; word: string }>> = {
  kubernetes: { ink: 'z00', word: 'Kubernetes' },
  mesh: { ink: 'z20', word: 'mesh' },
  request: { ink: 'fail', word: 'request' },
  harness: { ink: 'neutral', word: 'harness' },
};

/** A tick for each evidence row, coloured by where it comes from. */
export function eventTrack(view: View, top: number): Layers {
  const seen = new Set<string>();
  const ticks = view.result.evidence.map(({ at, source }) => {
    const key = `${source} ${view.axis.x(at).toFixed(1)}`;
    if (seen.has(key)) return '';
    seen.add(key);
    return upright(view.axis.x(at), top + TITLE, top + TITLE + TRACK - 2, SOURCES[source].ink, { width: 2 });
  });
  const words = Object.values(SOURCES).map(
    ({ ink, word }) => html` <tspan class="f-${ink}" fill="${PALETTE[ink][0]}">▮</tspan>${word}`,
  );
  return { marks: html`${ticks}`, titles: laneTitle(top, html`events:${words}`) };
}
