import { cutTo } from './cut.ts';
import { REDACTED, type Redact, SECRET_WORDS } from './redact.ts';
import { visible } from './visible.ts';
import { USERS } from './without-user.ts';

/** Whether a word looks drawn at random: with a digit, or long and of both cases. */
const RANDOM = String.raw`(?=[^\s"'&,;]*\d|(?=[^\s"'&,;]*[A-Z])[^\s"'&,;]*[a-z][^\s"'&,;]{11})[^\s"'&,;]{8,}`;

/** What looks like a credential wherever it stands, and what is shown in its place. */
const CREDENTIALS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*-----|$)/g, REDACTED],
  [USERS, `$1${REDACTED}@`],
  [/\b((?:proxy-)?authorization["'\\]*\s*[:=]\s*)[^\r\n"'\\]+/gi, `$1${REDACTED}`],
  [new RegExp(String.raw`\b((?:[Bb]earer|BEARER|[Bb]asic|BASIC|[Nn]egotiate)\s+)${RANDOM}`, 'g'), `$1${REDACTED}`],
  // A JSON Web Token (RFC 7519): its header is an object in base64.
  [/\beyJ[\w-]{6,}(?:\.[\w-]*){0,4}/g, REDACTED],
  // AWS: access key ids, EKS tokens; 40 characters of base64 are a secret access key.
  [/\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b|\bk8s-aws-v1\.[\w-]+/g, REDACTED],
  [/(?<![\w/+=])(?=[\w/+]*[a-z])(?=[\w/+]*[A-Z])(?=[\w/+]*\d)[A-Za-z0-9/+]{40}(?![\w/+=])/g, REDACTED],
  // Google, GitHub, GitLab, Slack, Vault.
  [/\bya29\.[\w-]+|\bAIza[\w-]{30,}|\b(?:gh[opsu]_|github_pat_|glpat-|xox[a-z]-|hvs\.)[\w-]{10,}/g, REDACTED],
];

/** The name of what may be a secret, in whatever quotes. */
const NAME = String.raw`["'\\]*\b(?:[\w.-]{0,64}(?:${SECRET_WORDS})[\w.-]{0,64}|[\w.-]{0,64}key|(?:[\w.-]{0,64}[-_.])?(?:sig|sid|otp))\b["'\\]*`;
const QUOTED = String.raw`"(?:[^"\\]|\\.)*"?|'[^']*'?|\\"(?:[^"\\]|\\[^"])*(?:\\")?`;
const BARE = String.raw`[^\s&,;"'\\{}()[\]]+`;

/** A name and its value: an assignment, a query string, JSON, an option of a command, a header. */
const NAMED: readonly RegExp[] = [
  new RegExp(String.raw`(${NAME}\s*=\s*)(${QUOTED}|${BARE})`, 'gi'),
  new RegExp(String.raw`(${NAME}\s*:\s*)(${QUOTED})`, 'gi'),
  new RegExp(String.raw`((?<![\w-])--?${NAME}\s+)(${QUOTED}|${BARE})`, 'gi'),
  new RegExp(String.raw`((?:${NAME})\s*:\s*)((?=\S*\d)[^\s&,;"'\\]{8,})`, 'gi'),
];

/**
 * Hides what looks like a credential in the words of a program that nobody knows the secrets of: tokens by their form, values by
 * the name they are given (`token=`, `"password":`, `--secret x`, headers), passwords in URLs. Ordinary words stay.
 */
export const hideCredentials: Redact = (text) => {
  const named = NAMED.reduce((shown, name) => shown.replace(name, withoutValue), text);
  return CREDENTIALS.reduce((shown, [what, by]) => shown.replace(what, by), named);
};

function withoutValue(whole: string, name: string, value: string): string {
  const mark = /^\\?["']/.exec(value)?.[0] ?? '';
  const isClosed = value.length > mark.length && value.endsWith(mark);
  return value.includes(REDACTED) ? whole : `${name}${mark}${REDACTED}${isClosed ? mark : ''}`;
}

/** Most lines and characters that are shown of what a program has said. */
const MOST_LINES = 5;
const MOST_TEXT = 500;

/** The first lines of what a program has said, for people, without what looks like a credential. */
export function firstWords(said: string): string {
  const lines = hideCredentials(visible(said))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const more = lines.length > MOST_LINES ? ['…'] : [];
  return cutTo([...lines.slice(0, MOST_LINES), ...more].join('\n'), MOST_TEXT);
}
