import { createLogUpdate } from 'log-update';
import { abortReason } from '../model/abort.ts';
import type { HistoryEvent } from '../model/history.ts';
import type { LoadProgress } from '../model/ports.ts';
import type { Redact } from '../model/redact.ts';
import { formatDuration } from '../model/units.ts';
import { visibleLine } from '../model/visible.ts';
import { inked } from '../report/index.ts';
import type { RunProgress } from '../run/wiring.ts';
import type { Console, Look } from './output.ts';
import { isUnread } from './unread.ts';

/** Shows a run while it goes on: a block that is rewritten on a terminal, plain lines elsewhere. */
type ProgressView = {
  readonly onProgress: (progress: RunProgress) => void;
  readonly onEvent: (event: HistoryEvent) => void;
  readonly end: () => void;
};

/** What the load engine calls recent. */
const RECENT_SECONDS = 2;

/** On plain output, how often a running phase says that it is alive. */
const HEARTBEAT_MS = 10_000;

/** Opens the view that fits the console. `redact` hides what requests were sent with, which answers may echo. */
export function openProgress(out: Console, redact: Redact = (text) => text): ProgressView {
  return out.live ? liveView(out, redact) : plainView(out);
}

function liveView(out: Console, redact: Redact): ProgressView {
  const block = createLogUpdate(process.stderr);
  const say = (line: string) => {
    block.clear();
    out.say(line);
  };
  return {
    onProgress: (progress) => {
      if (isUnread(process.stderr)) return;
      block(out.block((look) => redact(blockText(progress, look))));
    },
    onEvent: (event) => {
      const line = eventLine(event);
      if (line !== undefined) say(visibleLine(line));
    },
    end: () => block.clear(),
  };
}

function plainView(out: Console): ProgressView {
  let phase = '';
  let due = HEARTBEAT_MS;
  return {
    onProgress: (progress) => {
      if (progress.phase !== phase) due = HEARTBEAT_MS;
      phase = progress.phase;
      if (progress.elapsedMs < due) return;
      due += HEARTBEAT_MS;
      out.say(`         ${visibleLine(headline(progress))}; ${totals(progress.load)}`);
    },
    onEvent: (event) => {
      const line = eventLine(event);
      if (line !== undefined) out.say(visibleLine(line));
    },
    end: () => {},
  };
}

/** What is rewritten: where the run is, and how each path goes. */
function blockText(progress: RunProgress, pen: Look): string {
  return [livePhase(progress, pen), ...pathLines(progress.load, pen)].join('\n');
}

/** How many characters show how much of a phase is over. */
const BAR = 10;

/** The headline, and before it how much of the phase is over, where its end is known. */
function livePhase(progress: RunProgress, pen: Look): string {
  const { elapsedMs, lastsMs } = progress;
  const text = inked(pen, 'bold', visibleLine(headline(progress)));
  if (lastsMs === undefined) return text;
  const over = Math.min(BAR, Math.round((BAR * elapsedMs) / lastsMs));
  return `[${'#'.repeat(over)}${'-'.repeat(BAR - over)}] ${text}`;
}

function headline({ phase, elapsedMs, lastsMs, activeFaults }: RunProgress): string {
  const clock = lastsMs === undefined ? seconds(elapsedMs) : `${seconds(elapsedMs)} of ${formatDuration(lastsMs)}`;
  const faults = activeFaults.length === 0 ? 'no fault active' : `active: ${activeFaults.join(', ')}`;
  return `${phase} ${clock}, ${faults}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(0)}s`;
}

function totals(load: LoadProgress | undefined): string {
  if (load === undefined) return 'no load yet';
  const sum = (pick: (path: LoadProgress['paths'][number]) => number) =>
    load.paths.reduce((all, path) => all + pick(path), 0);
  const dropped = sum((path) => path.dropped);
  return `${sum((path) => path.sent)} sent, ${sum((path) => path.bad)} bad${dropped > 0 ? `, ${dropped} dropped` : ''}`;
}

function pathLines(load: LoadProgress | undefined, pen: Look): string[] {
  if (load === undefined) return [];
  const widest = Math.max(...load.paths.map((path) => path.path.length), 4);
  return load.paths.map((path) => {
    const recent = path.recentGood + path.recentBad;
    const share = recent === 0 ? '   -' : `${((100 * path.recentGood) / recent).toFixed(0).padStart(3)}%`;
    const good = inked(pen, recent === 0 ? 'dim' : path.recentBad === 0 ? 'pass' : 'fail', `${share} good`);
    const places = Object.entries(path.recentServing).map(([service, zones]) => `${service} ${zoneShares(zones)}`);
    const bad = path.bad > 0 ? ` ${path.bad} bad` : '';
    const rate = `${(recent / RECENT_SECONDS).toFixed(0)}/s`.padStart(6);
    return `  ${visibleLine(path.path).padEnd(widest)} ${rate} ${good}${bad}  ${visibleLine(places.join(', '))}`;
  });
}

function zoneShares(zones: Readonly<Record<string, number>>): string {
  const total = Object.values(zones).reduce((sum, count) => sum + count, 0);
  return Object.entries(zones)
    .sort(([, a], [, b]) => b - a)
    .map(([zone, count]) => (count === total ? zone : `${zone} ${((100 * count) / total).toFixed(0)}%`))
    .join(' + ');
}

const STEP_TEXT: Readonly<Record<string, string>> = {
  requested: 'injecting',
  acknowledged: 'acknowledged by the API',
  proven: 'proven',
  'not-proven': 'NOT PROVEN',
  'undo-requested': 'undoing',
  undone: 'undone',
  'undo-conflict': 'NOT UNDONE (conflict)',
  'undo-failed': 'NOT UNDONE',
};

/** One line for the events that people want to see; undefined for the others. */
function eventLine(event: HistoryEvent): string | undefined {
  const at = `${(event.t / 1e6).toFixed(1).padStart(6)}s`;
  switch (event.type) {
    case 'phase-start':
      return `${at}  phase ${event.phase}`;
    case 'fault': {
      const step = STEP_TEXT[event.step];
      return step === undefined
        ? undefined
        : `${at}  fault ${event.fault}: ${step}${event.detail === undefined ? '' : ` (${event.detail})`}`;
    }
    case 'steady-state':
      return `${at}  steady state ${event.holds ? 'holds' : 'DOES NOT HOLD'}: ${event.detail}`;
    case 'abort-condition':
      return `${at}  ABORT CONDITION ${abortReason(event)}${event.ends ? '' : ': written down, the undo goes on'}`;
    case 'leftovers':
      return event.unread === undefined
        ? undefined
        : `${at}  warning: copies of what carried the mark of this run could not be looked for in ${event.cluster}: ${event.unread}`;
    case 'notice':
      return event.level === 'info' ? `${at}  ${event.text}` : `${at}  ${event.level}: ${event.text}`;
    default:
      return undefined;
  }
}
