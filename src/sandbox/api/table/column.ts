import type { Json } from '../../../model/scenario.ts';
import { type JsonMap, mapOf, mapsOf, stringOf } from '../json.ts';

/** A column of a Table. Priority 0 is always shown, 1 only with `-o wide`. */
type Column = {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date';
  readonly format: string;
  readonly description: string;
  readonly priority: number;
};

/** How a kind is printed: its columns and one row of cells. */
export type Printer = { readonly columns: readonly Column[]; readonly row: (object: JsonMap, now: Date) => Json[] };

export function column(name: string, type: Column['type'] = 'string', priority = 0): Column {
  return { name, type, format: name === 'Name' ? 'name' : '', description: '', priority };
}

/** A column that only `-o wide` shows. */
export function wide(name: string, type: Column['type'] = 'string'): Column {
  return column(name, type, 1);
}

export function nameOf(object: JsonMap): string {
  return stringOf(mapOf(object.metadata).name);
}

export function ageOf(object: JsonMap, now: Date): string {
  return since(mapOf(object.metadata).creationTimestamp, now);
}

/** The time since a timestamp, `<unknown>` without one. */
export function since(time: unknown, now: Date): string {
  const then = Date.parse(stringOf(time));
  return Number.isNaN(then) ? '<unknown>' : humanDuration(now.getTime() - then);
}

/** Two units at most, as k8s.io/apimachinery/pkg/util/duration HumanDuration writes them. */
export function humanDuration(millis: number): string {
  const seconds = Math.trunc(millis / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 120) return `${Math.max(0, seconds)}s`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes < 10) return pair(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(minutes / 60);
  if (hours < 8) return pair(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  if (days < 8) return pair(days, 'd', hours % 24, 'h');
  if (days < 730) return `${days}d`;
  return days < 2920 ? pair(Math.trunc(days / 365), 'y', days % 365, 'd') : `${Math.trunc(days / 365)}y`;
}

function pair(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${big}${bigUnit}` : `${big}${bigUnit}${small}${smallUnit}`;
}

/** `a=b,c=d`, or `<none>`. */
export function printLabels(labels: unknown): string {
  const pairs = Object.entries(mapOf(labels)).map(([key, value]) => `${key}=${String(value)}`);
  return pairs.length === 0 ? '<none>' : pairs.sort().join(',');
}

/** A LabelSelector object in one line. */
export function printSelector(selector: unknown): string {
  const { matchLabels, matchExpressions } = mapOf(selector);
  const expressions = mapsOf(matchExpressions).map(({ key, operator, values }) => {
    const list = Array.isArray(values) ? `(${values.join(',')})` : '';
    const words: Readonly<Record<string, string>> = {
      In: `${key} in ${list}`,
      NotIn: `${key} notin ${list}`,
      Exists: String(key),
    };
    return words[String(operator)] ?? `!${key}`;
  });
  const labels = Object.keys(mapOf(matchLabels)).length === 0 ? [] : [printLabels(matchLabels)];
  return [...labels, ...expressions].join(',') || '<none>';
}

/** Names and images of the containers of a pod template. */
export function containerCells(podSpec: unknown): [names: string, images: string] {
  const containers = mapsOf(mapOf(podSpec).containers);
  return [
    containers.map((one) => stringOf(one.name)).join(','),
    containers.map((one) => stringOf(one.image)).join(','),
  ];
}
