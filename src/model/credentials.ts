import { cutTo } from './cut.ts';
import { passwordsOfScript } from './program-passwords.ts';
import { isSecretHeader, REDACTED, type Redact, SECRET_WORDS } from './redact.ts';
import { visible } from './visible.ts';
import { USERS } from './without-user.ts';

/** Whether a word looks drawn at random: with a digit, or long and of both cases. */
const RANDOM = String.raw`(?=[^\s"'&,;]*\d|(?=[^\s"'&,;]*[A-Z])[^\s"'&,;]*[a-z][^\s"'&,;]{11})[^\s"'&,;]{8,}`;

/** What looks like a credential wherever it stands, after a part that may be shown. */
const CREDENTIALS: readonly RegExp[] = [
  /()-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*-----|$)/g,
  USERS,
  /\b((?:proxy-)?authorization["'\\]*\s*[:=]\s*)(?!\{)[^\s"'\\][^\r\n"'\\]*/gi,
  new RegExp(String.raw`\b((?:[Bb]earer|BEARER|[Bb]asic|BASIC|[Nn]egotiate)\s+)${RANDOM}`, 'g'),
  // A JSON Web Token (RFC 7519): its header is an object in base64.
  /()\beyJ[\w-]{6,}(?:\.[\w-]*){0,4}/g,
  // AWS: access key ids, EKS tokens; 40 characters of base64 are a secret access key.
  /()(?:\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b|\bk8s-aws-v1\.[\w-]+)/g,
  /()(?<![\w/+=])(?=[\w/+]*[a-z])(?=[\w/+]*[A-Z])(?=[\w/+]*\d)[A-Za-z0-9/+]{40}(?![\w/+=])/g,
  // The data source name of a database driver (`user:password@tcp(host:3306)/name`); what follows the tag of an image is its digest.
  /((?<![\w./:@-])[\w.-]{1,64}:)[^\s:@/"'`(){}]+(?=@(?!sha\d+:)(?:\w+\(|[\w.-]+[:/]\w))/g,
  // The address of a webhook of a chat: whoever knows its path may write there. Those within a cluster are none.
  /(\bhttps?:\/\/(?![^\s/"'`]*\.svc[.:/])(?:(?:[\w-]+\.){0,8}(?:web)?hooks?\.[\w.-]+(?::\d+)?\/|[^\s/"'`]+\/(?:[\w.-]+\/){0,8}?(?:webhooks?|hooks?|integration|bot(?=\d+:)|services(?=\/T)|with\/key)\/?))[^\s"'`<>)\]},]+/gi,
  // Google, GitHub, GitLab, Slack, Vault.
  /()(?:\bya29\.[\w-]+|\bAIza[\w-]{30,}|\b(?:gh[opsu]_|github_pat_|glpat-|xox[a-z]-|hvs\.)[\w-]{10,})/g,
];

/** The name of what may be a secret, in whatever quotes. */
const NAME = String.raw`["'\\]{0,8}\b(?:[\w.-]{0,64}(?:${SECRET_WORDS})[\w.-]{0,64}|[\w.-]{0,64}key|(?:[\w.-]{0,64}[-_.])?(?:sig|sid|otp))\b["'\\]{0,8}`;
const QUOTED = String.raw`"(?:[^"\\]|\\.)*"?|'[^']*'?|\\"(?:[^"\\]|\\[^"])*(?:\\")?`;
const BARE = String.raw`[^\s&,;"'\\{}()[\]]+`;

/** A name that is of a secret whatever follows it, and what may stand between it and that. */
const SURE = String.raw`\b(?i:[\w.-]{0,64}[-_](?:secret|token|passw\w*|pwd|passphrase|key|code|cookie|jwt|assertion)|(?:access|refresh|id|api|client|session|device) ?(?:secret|token|key)|token|passw(?:or)?d|passphrase|pwd)`;
const IS = String.raw`(?:\s+(?:is|was|of|value|=>|->|\|))?\s+`;
/** Neither a moment, an address or a path, nor the name of an object, nor another name with its value. */
const NO_OTHER = String.raw`(?!\d{4}-\d\d-\d\d|\d+\.\d+\.\d+\.\d+|[a-z]+(?:-[a-z0-9]{1,5})+(?![\w-])|\w*:?\.{0,2}\/|[\w-]+[=:])`;

/** A name and its value: an assignment, a query string, JSON, an option of a command or in a list of its words, a header. */
const NAMED: readonly RegExp[] = [
  new RegExp(String.raw`(${NAME}\s*[:=]?=>?\s*)(${QUOTED}|${BARE})`, 'gi'),
  new RegExp(String.raw`(${NAME}\s*:\s*)(${QUOTED})`, 'gi'),
  new RegExp(String.raw`((?<![\w-])--?${NAME}\s+)(${QUOTED}|${BARE})`, 'gi'),
  new RegExp(String.raw`((?<![\w-])--?${NAME},\s*)(${QUOTED})`, 'gi'),
  new RegExp(String.raw`((?:${NAME})\s*:\s*)((?=\S*\d)[^\s&,;"'\\]{8,})`, 'gi'),
  new RegExp(
    String.raw`(<(?:[\w-]{1,64}:)?${NAME}(?:\s[^<>]{0,256})?>\s*(?:<!\[CDATA\[)?)([^<>\s](?:[^<>]*[^<>\s\]])?)`,
    'gi',
  ),
  new RegExp(String.raw`(${SURE}${IS})((?<=[-_]\w+\s+)(?:"[^"\s]{4,}"|'[^'\s]{4,}')|${NO_OTHER}${RANDOM})`, 'g'),
];

/** What a value that was found may be, and whether it is one, by the name before it. */
type Finding = { readonly head: string; readonly value: string };
type IsSecret = (found: Finding) => boolean;

/** What stands where a value stood. */
type By = (value: string) => string;
const redacted: By = () => REDACTED;

/** What hides a value and keeps its place: a dot for each character. */
export const dots: By = (value) => value.replace(/\S/gu, '•');

/** A text without those of the values in it that are secret. */
function without(text: string, isSecret: IsSecret, by: By = redacted): string {
  const named = NAMED.reduce(
    (shown, name) =>
      shown.replace(name, (whole, head: string, written: string) => {
        const mark = /^\\?["']/.exec(written)?.[0] ?? '';
        const isClosed = written.length > mark.length && written.endsWith(mark);
        const value = written.slice(mark.length, isClosed && mark !== '' ? -mark.length : undefined);
        if (written.includes(REDACTED) || !isSecret({ head, value })) return whole;
        return `${head}${mark}${by(value)}${isClosed ? mark : ''}`;
      }),
    text,
  );
  return CREDENTIALS.reduce(
    (shown, what) =>
      shown.replace(what, (whole, head: string) => {
        const isUser = what === USERS;
        const value = whole.slice(head.length, isUser ? -1 : undefined);
        if (value.includes(REDACTED) || !isSecret({ head: isUser ? USER : head, value })) return whole;
        return `${head}${by(value)}${isUser ? '@' : ''}`;
      }),
    named,
  );
}

/** Stands for the name of what stands before an `@` in a URL. */
const USER = 'user';

/**
 * Hides what looks like a credential in the words of a program that nobody knows the secrets of: tokens by their form, values by
 * the name they are given (`token=`, `"password":`, `--secret x`, headers), passwords in URLs. Ordinary words stay.
 */
export const hideCredentials: Redact = (text) => without(text, () => true);

/** Names that end so are of something else about a secret: where it lies, how it is made, how long it holds. */
const ABOUT =
  /(?:file|path|dir|directory|name|mode|type|method|algorithm|format|ttl|timeout|expiry|expiration|duration|interval|age|url|uri|endpoint|server|host|port|audience|issuer|header|enabled|disabled|required|size|length|count|limit|ref|class|provider|backend|store|manager|policy|level|version|affinity|domain|realm|scope|author|authors|authority)["'\\\s:=,]*$/i;
/** A variable whose value stands elsewhere, a switch, a number or duration, a file: no secret, whatever its name is. */
const PLAIN_VALUE =
  /^(?:\$[({]?\{?\w*[)}]{0,2}|true|false|yes|no|on|off|none|null|nil|auto|basic|bearer|optional|required|\d{1,4}|\d+(?:ms|s|m|h|d)|\.{0,2}(?:\/[a-z._-]+){2,}\/?|-{1,2}[a-z][\w-]*|)$/i;

/** Of a selector, a toleration or a reference to a Secret that is the name of something else. */
const KEY_FIELD = /^["'\\]*key["'\\]*\s*:/i;

const isTold: IsSecret = ({ head, value }) =>
  head === USER || !(ABOUT.test(head) || KEY_FIELD.test(head) || PLAIN_VALUE.test(value));

/**
 * Hides what looks like a credential in what people have told a workload: its command, a script, a variable. What is only about one
 * (`--token-file=/run/token`, `--password=$(PASSWORD)`) stays. `tell` hears of each value: of a URL it is the password alone, or
 * the user where there is none.
 */
export function hideTold(text: string, tell: (value: string) => void = () => {}): string {
  return told(text, tell, redacted);
}

/** The same where each character must keep its place: a dot stands for each that is hidden. */
export function maskTold(text: string): string {
  return told(text, () => {}, dots);
}

function told(text: string, tell: (value: string) => void, by: By): string {
  const isSecret: IsSecret = (found) => {
    if (!isTold(found)) return false;
    const { head, value } = found;
    tell(head === USER && value.includes(':') ? value.slice(value.indexOf(':') + 1) : value);
    return true;
  };
  return without(withoutProgramPasswords(text, tell, by), isSecret, by);
}

function withoutProgramPasswords(text: string, tell: (value: string) => void, by: By): string {
  const secret = passwordsOfScript(text).filter(({ value }) => isToldValue(value));
  return secret.reduceRight((shown, { at, value }) => {
    tell(value);
    return `${shown.slice(0, at)}${by(value)}${shown.slice(at + value.length)}`;
  }, text);
}

/** Whether it may be a credential: no variable that stands for one, no switch, number or file. */
export function isToldValue(value: string): boolean {
  return value !== '' && !value.includes(REDACTED) && !PLAIN_VALUE.test(value);
}

/** Whether the name of a field, an option or a variable says that its value is a secret, and not only something about one. */
export function saysSecret(name: string): boolean {
  return isSecretHeader(name) && !ABOUT.test(name);
}

/** Whether the value of an option, a variable or a field of this name is a credential. */
export function isToldSecret(name: string, value: string): boolean {
  return isSecretHeader(name) && isTold({ head: name, value });
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
