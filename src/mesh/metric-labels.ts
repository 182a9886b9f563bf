import type { Labels } from '../model/labels.ts';

const LABEL = /(\w+)\s*=\s*"((?:[^"\\]|\\.)*)"/g;

/** The labels of a series in Prometheus's text format, as they stand between its brackets; escapes stay as they are. */
export function metricLabels(text: string): Labels {
  return Object.fromEntries([...text.matchAll(LABEL)].map(([, name = '', value = '']) => [name, value]));
}
