/** Digits of the largest port. */
const MOST_DIGITS = 5;

/** A regular expression, of RE2 as well, for every port but these: RE2 has no way to say what must not follow. */
export function anyPortBut(ports: readonly number[]): string {
  return ports.length === 0 ? `[0-9]{1,${MOST_DIGITS}}` : `(?:${alternatives(ports.map(String), 0).join('|')})`;
}

/** What may follow after so many digits, where these are the ends that together with them may not stand. */
function alternatives(ends: readonly string[], length: number): string[] {
  const left = MOST_DIGITS - length;
  const others = [...'0123456789'].filter((digit) => !ends.some((end) => end.startsWith(digit)));
  const known = Map.groupBy(
    ends.filter((end) => end !== ''),
    (end) => end.charAt(0),
  );
  return [
    ...(length > 0 && !ends.includes('') ? [''] : []),
    ...(left === 0 || others.length === 0 ? [] : [`[${others.join('')}][0-9]{0,${left - 1}}`]),
    ...[...known].flatMap(([digit, more]) => {
      const rest = alternatives(
        more.map((end) => end.slice(1)),
        length + 1,
      );
      return rest.length === 0 ? [] : [`${digit}(?:${rest.join('|')})`];
    }),
  ];
}
