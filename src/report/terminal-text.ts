import { FACE_WORDS, type Face } from './face.ts';

const CODES = { pass: '32', fail: '31', inconclusive: '33', untested: '36', bold: '1', dim: '2' } as const;

/** How a terminal is written to. */
export type Pen = { readonly color: boolean; readonly width: number };

/** Text in a colour or weight, where there is any. */
export function inked(pen: Pen, code: keyof typeof CODES, text: string): string {
  return pen.color ? `\u001b[${CODES[code]}m${text}\u001b[0m` : text;
}

/** Words into lines; a word longer than a line is broken. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((long) => long.match(new RegExp(`.{1,${width}}`, 'gsu')) ?? [])) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}

/** A name, and beside it text that goes on below itself. */
export function block(pen: Pen, name: string, text: string, code?: keyof typeof CODES): string[] {
  const indent = 12;
  return wrapped(text, Math.max(20, pen.width - indent)).map((line, at) => {
    const label = at === 0 ? name.padEnd(indent) : ' '.repeat(indent);
    return `${inked(pen, 'dim', label)}${code === undefined ? line : inked(pen, code, line)}`;
  });
}

/** The shape of a verdict. */
export function mark(pen: Pen, face: Face): string {
  const { shape, ascii } = FACE_WORDS[face];
  return inked(pen, face, pen.color ? shape : ascii);
}

/** A verdict with text beside it, which goes on below itself. */
export function headed(pen: Pen, face: Face, text: string, code?: keyof typeof CODES): string[] {
  const gap = '  ';
  const indent = (pen.color ? 1 : FACE_WORDS[face].ascii.length) + gap.length;
  return wrapped(text, pen.width - indent).map((line, at) => {
    const start = at === 0 ? `${mark(pen, face)}${gap}` : ' '.repeat(indent);
    return `${start}${code === undefined ? line : inked(pen, code, line)}`;
  });
}

/** Cuts in the middle: both ends of an id say something. */
export function squeezed(text: string, width: number): string {
  if (text.length <= width) return text.padEnd(width);
  const side = Math.floor((width - 2) / 2);
  return `${text.slice(0, width - 2 - side)}..${text.slice(-side)}`;
}
