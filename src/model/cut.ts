/**
 * A text of at most so many characters. One that is cut ends with `…`, by which a redactor knows that its end may be the
 * beginning of a secret: whatever is cut before secrets are hidden in it is cut by this.
 */
export function cutTo(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`;
}

/** The last whole lines of a text, of so many characters at most: the end of a secret without its beginning is known to nobody. */
export function lastLines(text: string, most: number): string {
  return text.length <= most ? text : text.slice(text.indexOf('\n', text.length - most - 1) + 1 || text.length);
}
