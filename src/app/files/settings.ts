import { type Document, isAlias, isCollection, isScalar, isSeq, parseDocument, visit } from 'yaml';
import { FaultlineError } from '../../model/errors.ts';
import { shellQuoted } from '../../model/shell.ts';
import { hideSettings } from './hidden-settings.ts';

/**
 * Applies `--set spec.load.rate=10/s` to the text of a scenario. Values are read as YAML, bounds such as `>= 99%` as they
 * are. A file that does not parse is returned as it is: its own diagnostics say more. Throws USAGE for a setting that is
 * none, a value that is no YAML, and a place that cannot be.
 */
export function applySettings(text: string, settings: readonly string[]): string {
  if (settings.length === 0) return text;
  const document = parseDocument(text);
  if (document.errors.length > 0) return text;
  for (const setting of settings) {
    const at = setting.indexOf('=');
    const path = stepsIn(setting.slice(0, Math.max(at, 0)));
    if (at < 1 || path.some((step) => step === '')) throw refused(setting, 'not of the form path.to.field=value');
    const value = readValue(setting, setting.slice(at + 1));
    document.setIn(stepsOf(document, setting, path), value);
  }
  return document.toString();
}

/** Entries of lists as diagnostics write them, `faults[0]`, or as a step of their own, `faults.0`. */
const stepsIn = (path: string): string[] => path.replace(/\[(\d+)\](?=\.|\[|$)/g, '.$1').split('.');

const shownOf = (setting: string): string => hideSettings([setting])[0] ?? '';

function refused(setting: string, why: string, hint?: string): FaultlineError {
  const shown = shownOf(setting);
  return new FaultlineError('USAGE', `--set ${shown}: ${why}`, hint === undefined ? {} : { hint });
}

/** A lower or upper bound, which YAML would take for the start of a text of several lines. */
const BOUND = '[<>]=?\\s*\\d+(?:\\.\\d+)?%?';
const IS_BOUND = new RegExp(`^\\s*(${BOUND})\\s*$`);
/** Quoted text, or a bound that stands as a value in a list or mapping. */
const QUOTED_OR_BOUND = new RegExp(
  `"(?:[^"\\\\]|\\\\.)*"|'(?:[^']|'')*'|([[{,]\\s*|:\\s+)(${BOUND})(?=\\s*[,\\]}])`,
  'g',
);

function withBoundsQuoted(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text;
  return text.replace(QUOTED_OR_BOUND, (all, before: string | undefined, bound: string | undefined) =>
    bound === undefined ? all : `${before}"${bound}"`,
  );
}

function readValue(setting: string, text: string): unknown {
  const bound = IS_BOUND.exec(text)?.[1];
  if (bound !== undefined) return bound;
  const document = parseDocument(withBoundsQuoted(text));
  const problem = problemOf(document, text);
  if (problem === undefined) return document.toJS();
  const shown = shownOf(setting);
  const at = shown.indexOf('=') + 1;
  const quoted = `${shown.slice(0, at)}${JSON.stringify(shown.slice(at))}`;
  const hint = `Write a list as [a, b], a mapping as {key: value}, and a text with such signs in quotes: --set ${shellQuoted(quoted)}`;
  const why = shown === setting ? `: ${problem}` : '';
  throw refused(setting, `the value cannot be read as YAML${why}`, hint);
}

/** Why the value is not what its text says; undefined when it is. */
function problemOf(document: Document.Parsed, text: string): string | undefined {
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) return problem.message.split(/ at line |\n/)[0];
  const { contents } = document;
  if ((document.comment ?? document.commentBefore ?? contents?.comment ?? contents?.commentBefore) != null) {
    return 'what stands behind # would be a comment';
  }
  if (hasUnknownAlias(document)) return 'a name behind * is not known here';
  if (contents?.anchor !== undefined) return 'what stands behind & would be a name';
  const isEmpty = contents === null || (isScalar(contents) && (contents.value === '' || contents.source === ''));
  if (!isEmpty || text.trim() === '' || /^\s*(""|'')\s*$/.test(text)) return undefined;
  return `nothing is left of ${JSON.stringify(text)}`;
}

/** The parser finds them only when the value is made. */
function hasUnknownAlias(document: Document.Parsed): boolean {
  let found = false;
  visit(document, {
    Alias: (_, alias) => {
      found ||= alias.resolve(document) === undefined;
    },
  });
  return found;
}

/** The steps of a path as the document counts them: numbers in lists, names elsewhere. */
function stepsOf(document: Document.Parsed, setting: string, path: readonly string[]): (string | number)[] {
  let node: unknown = document.contents;
  return path.map((step, depth) => {
    const here = path.slice(0, depth).join('.');
    if (isAlias(node) || (node !== undefined && node !== null && !isCollection(node))) {
      throw refused(setting, `there is no such place in the scenario: ${here} has no fields of its own`);
    }
    if (!isSeq(node)) {
      node = isCollection(node) ? node.get(step, true) : undefined;
      return step;
    }
    const { items } = node;
    const index = /^\d{1,6}$/.test(step) ? Number(step) : items.length + 1;
    if (index > items.length) {
      const hint = `Its entries count from 0; ${items.length} adds one.`;
      throw refused(setting, `there is no such place in the scenario: ${here} has ${items.length} entries`, hint);
    }
    node = items[index];
    return index;
  });
}
