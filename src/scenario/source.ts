/** A half-open range of offsets in the text. */
export type TextSpan = { readonly start: number; readonly end: number };

export type Location = { readonly line: number; readonly column: number; readonly length: number };

/** Finds lines and columns in a text; both count from 1 and columns count characters, not code units. */
type Source = {
  /** Line and column of the span's start, and how much of that line it covers. */
  locate(span: TextSpan): Location;
  /** The text of a line without its line break; empty outside the file. */
  line(number: number): string;
};

/** A byte order mark is no part of the text that people see and count. */
export function withoutBom(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

/** Indexes the lines of a text. Offsets count from the first character after a byte order mark. */
export function createSource(original: string): Source {
  const text = withoutBom(original);
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);

  const line = (number: number): string => {
    const start = starts[number - 1];
    if (start === undefined) return '';
    const next = starts[number];
    return text.slice(start, next === undefined ? text.length : next - 1).replace(/\r$/, '');
  };

  return {
    line,
    locate: ({ start, end }) => {
      const number = lineOf(starts, start);
      const lineStart = starts[number - 1] ?? 0;
      const content = line(number);
      const from = start - lineStart;
      return {
        line: number,
        column: characters(content.slice(0, from)) + 1,
        length: Math.max(1, characters(content.slice(from, end - lineStart))),
      };
    },
  };
}

/** The number of the last line that starts at or before the offset. */
function lineOf(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}

function characters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
