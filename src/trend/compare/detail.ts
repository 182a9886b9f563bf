import { placeText } from '../../model/place.ts';
import type { RunResult } from '../../model/result.ts';
import { callersText } from '../../report/words.ts';
import { type RecordedRun, recordedRun } from '../recorded-run.ts';

/** Calls that one place served, of all calls of one caller zone to a service in one stage. */
export type PlaceShare = { readonly id: string; readonly hits: number; readonly n: number };

/** A run with what only a comparison needs. */
export type DetailedRun = RecordedRun & {
  readonly shares: readonly PlaceShare[];
  /** Everything that was configured, by name: scenario, target, versions. */
  readonly configuration: Readonly<Record<string, string>>;
};

/** What a comparison keeps of a result that was read from `path`. */
export function detailedRun(result: RunResult, path: string): DetailedRun {
  return { ...recordedRun(result, path), shares: sharesOf(result), configuration: configurationOf(result) };
}

function sharesOf({ ladders }: RunResult): PlaceShare[] {
  return ladders.flatMap((ladder) => {
    const { service, stage, samples, rungs } = ladder;
    const calls = `${service} from ${callersText(ladder)}${stage > 1 ? `, stage ${stage}` : ''}`;
    return rungs.map(({ place, hits }) => ({ id: `${calls} served by ${placeText(place)}`, hits, n: samples }));
  });
}

/** A value may be long: a request body, a manifest. */
const MOST_TEXT = 200;

function flattened(value: unknown, at: string): [string, string][] {
  if (typeof value !== 'object' || value === null) return [[at, String(value).slice(0, MOST_TEXT)]];
  return Object.entries(value).flatMap(([key, inner]) => flattened(inner, `${at}.${key}`));
}

/** Where the mesh would take the calls of each zone, nearest first, with the pods that still serve there: what it was set to. */
function meshOf({ prediction }: RunResult): [string, string][] {
  if (prediction?.predicted.state !== 'predicted') return [];
  return prediction.predicted.stages.flatMap(({ callers }, stage) =>
    callers.map(({ service, fromZone, places }): [string, string] => [
      `mesh.order.${service} from ${fromZone}${stage > 0 ? `, stage ${stage + 1}` : ''}`,
      places
        .map(({ zone, serving, before }) => `${zone} ${serving}/${before}`)
        .join(', ')
        .slice(0, MOST_TEXT),
    ]),
  );
}

function configurationOf(result: RunResult): DetailedRun['configuration'] {
  const { run } = result;
  const { source: _, ...scenario } = run.scenario;
  const { clusters, paths } = run.topology;
  const gateways = paths.map(({ id }) => id).sort();
  return Object.fromEntries([
    ...flattened(scenario, 'scenario'),
    ['target.name', run.target.name],
    ['target.kind', run.target.kind],
    ...clusters.flatMap(({ name, zones, version }) => [
      [`cluster.${name}.zones`, zones.join(' ')],
      [`cluster.${name}.version`, version],
    ]),
    ['paths', gateways.join(' ').slice(0, MOST_TEXT)],
    ...meshOf(result),
    ['version.faultline', run.tool.version],
    ...Object.entries(run.versions).map(([name, version]) => [`version.${name}`, version]),
  ]);
}
