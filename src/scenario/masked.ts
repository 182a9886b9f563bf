import { dots, hideTold, isToldValue } from '../model/credentials.ts';
import { REDACTED, type Redact, redactor, tracesOf } from '../model/redact.ts';
import type { Path } from '../schema/draft.ts';
import { printable } from './printable.ts';
import type { Problems } from './problems.ts';
import { secretLines } from './secret-lines.ts';
import { isSecretText, type SecretPart, secretParts } from './secret-parts.ts';
import { redacted, replaced, spansIn } from './secret-text.ts';
import { type TextSpan, withoutBom } from './source.ts';
import { readDocument } from './yaml-syntax.ts';

/** A private key spans lines. */
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END|$)/g;

/** More than a file may have; of a longer one only the first line is shown. */
const LONGEST = 300_000;

/**
 * A file's text for showing lines and columns: each character of what may be a secret by its name or its place becomes a dot, also where
 * that is in a shape or a place that nothing reads.
 */
export function maskSource(text: string): string {
  const bare = withoutBom(text).slice(0, LONGEST);
  const masked = replaced(bare, merged(partsOf(bare)), dots).replace(PRIVATE_KEY, dots);
  return `${text.startsWith('\ufeff') ? '\ufeff' : ''}${masked}`;
}

/** What was given for a place of a scenario, without what may be a secret there. */
export function hideValue(value: string, at: Path): string {
  if (!/^\s*[{[]/.test(value) && isSecretText(value, at)) return REDACTED;
  return hideTold(redacted(value, merged(partsOf(value, at))));
}

/** Everything in a file without its byte order mark that may be a secret. */
function partsOf(bare: string, at: Path = []): SecretPart[] {
  const document = readDocument(bare, []);
  const spans = [...spansIn(bare, document, at), ...(document === undefined ? secretLines(bare) : [])];
  const written = spans.map(({ start, end }) => ({ start, end, said: bare.slice(start, end) }));
  return document === undefined ? written : [...written, ...secretParts(document, bare, at)];
}

function merged(parts: readonly TextSpan[]): TextSpan[] {
  const spans: TextSpan[] = [];
  for (const { start, end } of [...parts].sort((a, b) => a.start - b.start)) {
    const last = spans.at(-1);
    if (last === undefined || start >= last.end) spans.push({ start, end });
    else if (end > last.end) spans[spans.length - 1] = { start: last.start, end };
  }
  return spans;
}

/** So many of the secrets in a file are looked for in what is said of other places; a shorter text is a word that may stand anywhere. */
const MOST_KNOWN = 200;
const SHORTEST_KNOWN = 8;
/** No message quotes more of a text. */
const LONGEST_SAID = 512;

/** Messages and hints without what may be a secret in the file that they are about. */
export function hideSecrets(problems: Readonly<Problems>, text: string): Problems {
  if (problems.length === 0) return [];
  const parts = partsOf(withoutBom(text).slice(0, LONGEST));
  const known = parts.slice(0, MOST_KNOWN).flatMap(({ said }) => tracesOf(said.slice(0, LONGEST_SAID)));
  const redact = redactor(known.filter((trace) => trace.length >= SHORTEST_KNOWN && isKnowable(trace)));
  return problems.map((problem) => {
    const own = parts.filter(({ start, end }) => start < problem.at.end && end > problem.at.start).slice(0, MOST_KNOWN);
    const hide: Redact = (told) => hideTold(redact(withoutQuotes(told, own)));
    const { message, hint } = problem;
    return { ...problem, message: hide(message), hint: hint === undefined ? undefined : hide(hint) };
  });
}

/** No switch, number or file, and nothing that stands for a value, such as `{{TOKEN}}`. */
const isKnowable = (said: string): boolean => isToldValue(said) && !/^\$?\{\{[^{}]*\}\}$/.test(said);

/** A sentence about these parts, without its quotes of them, however short they are. */
function withoutQuotes(told: string, parts: readonly SecretPart[]): string {
  const secrets = parts.map(({ said }) => printable(said.slice(0, LONGEST_SAID))).filter(isKnowable);
  return told.replace(/`([^`]+)`/g, (whole, quote: string) => {
    const cut = quote.endsWith('…') ? quote.slice(0, -1) : undefined;
    const isSecret = secrets.some(
      (said) => said === quote || (said.length > 3 && quote.includes(said)) || (cut && said.startsWith(cut)),
    );
    return isSecret ? `\`${REDACTED}\`` : whole;
  });
}
