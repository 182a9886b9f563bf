const compiled = new Map<string, RegExp>();

/** Whether text matches the pattern of a schema; patterns are compiled once. */
export function matches(pattern: string, text: string): boolean {
  const expression = compiled.get(pattern) ?? new RegExp(pattern, 'u');
  compiled.set(pattern, expression);
  return expression.test(text);
}
