import type { RunResult } from '../model/result.ts';
import { oneLine } from './escape.ts';
import { stride, summed } from './svg/columns.ts';
import { finite } from './svg/scale.ts';
import { PHASE_WORDS, STEP_WORDS } from './words.ts';

/** What the script of the page knows of the run, as attributes of the page. */
type Cursor = {
  /** `baseline 0;inject 10004000`: each phase with the moment at which it begins. */
  readonly phases: string;
  /** `0 330000`: where the columns begin, and how long each lasts. */
  readonly columns: string;
  /** `12 0 0;11 1 0`: good, bad and unknown of each column. */
  readonly counts: string;
  /** `10250000 Killing Pod mockb-1;…`: what was done to faults and what Kubernetes told, with its moment. */
  readonly told: string;
  /** What lists can be filtered by. */
  readonly zones: string;
  readonly services: string;
};

/** As many choices as somebody looks through. */
const MOST_CHOICES = 60;

function choices(names: readonly string[]): string {
  return [...new Set(names)]
    .slice(0, MOST_CHOICES)
    .map((name) => oneLine(name, 60).replace(/;/g, ' '))
    .join(';');
}

function toldIn({ faults, kubeEvents }: RunResult): string {
  const steps = faults.flatMap(({ name, steps: all }) =>
    all.map(({ step, at }) => ({ at, text: `fault ${name}: ${STEP_WORDS[step]}` })),
  );
  const events = (kubeEvents?.events ?? []).map(({ at, reason, kind, name }) => ({
    at,
    text: `${kind} ${name}: ${reason}`,
  }));
  return [...steps, ...events]
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, text }) => `${finite(at)} ${oneLine(text, 70).replace(/;/g, ' ')}`)
    .join(';');
}

/** The phases and counts of a run, and what it can be filtered by. */
export function cursorOf(result: RunResult): Cursor {
  const { phases, series, run } = result;
  const step = stride(series.columns);
  const [good, bad, unknown] = [series.good, series.bad, series.dropped].map((counts) =>
    summed(counts, series.columns, step),
  );
  return {
    phases: phases.map(({ phase, start }) => `${PHASE_WORDS[phase]} ${finite(start)}`).join(';'),
    told: toldIn(result),
    zones: choices([...run.topology.clusters.flatMap(({ zones }) => zones), ...series.serving.map(({ zone }) => zone)]),
    services: choices(series.serving.map(({ service }) => service)),
    columns: `${finite(series.start)} ${finite(step * series.bucket)}`,
    counts: (good ?? []).map((count, at) => `${count} ${bad?.[at] ?? 0} ${unknown?.[at] ?? 0}`).join(';'),
  };
}
