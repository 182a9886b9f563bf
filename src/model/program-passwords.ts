/** How a program takes a password by an option whose name does not say so. */
type Way = {
  readonly programs: RegExp;
  readonly options: readonly string[];
  /** Where the value stands: behind the option in the same word, in the next word, or in either. */
  readonly where: 'same' | 'next' | 'either';
  /** What of the value is shown, where it is more than the password. */
  readonly shown?: RegExp;
};

const WAYS: readonly Way[] = [
  { programs: /^(?:mysql|mariadb)[\w-]*$/, options: ['-p'], where: 'same' },
  { programs: /^curl$/, options: ['-u', '-U'], where: 'either', shown: /^[^:]*:/ },
  { programs: /^curl$/, options: ['--user', '--proxy-user'], where: 'next', shown: /^[^:]*:/ },
  { programs: /^curl$/, options: ['--user=', '--proxy-user='], where: 'same', shown: /^[^:]*:/ },
  { programs: /^lftp$/, options: ['-u'], where: 'next', shown: /^[^,]*,/ },
  { programs: /^redis-cli$/, options: ['-a'], where: 'next' },
  { programs: /^(?:mongo\w*|sshpass|cypher-shell|rabbitmqadmin)$/, options: ['-p'], where: 'either' },
  { programs: /^(?:docker|podman|skopeo|helm|az|crane)$/, options: ['-p'], where: 'next' },
  { programs: /^ldap\w+$/, options: ['-w'], where: 'either' },
  { programs: /^(?:sqlcmd|bcp|mosquitto_\w+)$/, options: ['-P'], where: 'either' },
  { programs: /^openssl$/, options: ['-pass', '-passin', '-passout'], where: 'next', shown: /^pass:/ },
];

/**
 * Reads a command word by word, and tells of each where in it a password begins that a program before it takes by a short option
 * (`mysql -pX`, `curl -u joe:X`); undefined where there is none. The options are those of the programs' own manuals.
 */
export function passwordReader(): (word: string) => number | undefined {
  const ways = new Set<Way>();
  let before = '';
  return (word) => {
    const found = [...ways].flatMap((way) => beginIn(word, before, way) ?? []);
    const name = word.slice(word.lastIndexOf('/') + 1);
    for (const way of WAYS) if (way.programs.test(name)) ways.add(way);
    before = word;
    return found[0];
  };
}

function beginIn(word: string, before: string, { options, where, shown }: Way): number | undefined {
  const isNext = where !== 'same' && options.includes(before);
  const same = where === 'next' ? undefined : options.find((one) => word.startsWith(one) && word !== one);
  if (same === undefined && !isNext) return undefined;
  const from = isNext ? 0 : (same ?? '').length;
  const head = shown === undefined ? '' : shown.exec(word.slice(from))?.[0];
  return head === undefined || from + head.length === word.length ? undefined : from + head.length;
}

/** Words and what ends a command, as a shell reads them; what is quoted is one word. */
const TOKENS = /"(?:[^"\\]|\\.)*"|'[^']*'|[;|&\n]|(?:[^\s"';|&\\]|\\.|(?<=[^\s;|&])["'][^"']*["'])+/g;
const ENDS = /^[;|&\n]$/;
const QUOTE = /^["']/;

/** Every password that a script tells a program so: where it begins in the text, and what it is. */
export function passwordsOfScript(script: string): { readonly at: number; readonly value: string }[] {
  let read = passwordReader();
  return [...script.matchAll(TOKENS)].flatMap(({ 0: token, index }) => {
    if (ENDS.test(token)) read = passwordReader();
    const word = unquoted({ text: token, at: index });
    const begin = read(word.text);
    if (begin === undefined) return [];
    const { text: value, at } = unquoted({ text: word.text.slice(begin), at: word.at + begin });
    return [{ at, value }];
  });
}

type Part = { readonly text: string; readonly at: number };

function unquoted({ text, at }: Part): Part {
  return text.length > 1 && QUOTE.test(text) ? { text: text.slice(1, -1), at: at + 1 } : { text, at };
}
