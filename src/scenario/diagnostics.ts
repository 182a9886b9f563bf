import type { Diagnostic } from '../model/errors.ts';
import { hideSecrets } from './masked.ts';
import { hasErrors, type Problems } from './problems.ts';
import { createSource } from './source.ts';

const MOST_DIAGNOSTICS = 100;

/** Problems in the order of the file, each once, at most a hundred and a note about the rest; without secrets of the file. */
export function toDiagnostics(problems: Readonly<Problems>, file: string, text: string): Diagnostic[] {
  const source = createSource(text);
  const sorted = [...problems].sort((a, b) => a.at.start - b.at.start || compareText(a.code, b.code));
  const seen = new Set<string>();
  const unique = sorted.filter((problem) => {
    const key = `${problem.at.start} ${problem.code} ${problem.message}`;
    return seen.has(key) ? false : seen.add(key);
  });
  return hideSecrets(capped(unique), text).map(({ code, severity, message, hint, at }) => ({
    code,
    severity,
    message,
    ...(hint === undefined ? {} : { hint }),
    file,
    ...source.locate(at),
  }));
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function capped(problems: Readonly<Problems>): Readonly<Problems> {
  const next = problems[MOST_DIAGNOSTICS];
  if (next === undefined) return problems;
  const rest = problems.slice(MOST_DIAGNOSTICS);
  const note: Problems[number] = {
    code: 'YAML_LIMIT',
    severity: hasErrors(rest) ? 'error' : 'warning',
    message: `${rest.length} more from here on; only the first ${MOST_DIAGNOSTICS} are listed`,
    at: next.at,
  };
  return [...problems.slice(0, MOST_DIAGNOSTICS), note];
}
