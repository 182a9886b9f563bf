/*
 * The extremes of any number of numbers: `Math.max(...numbers)` passes each as an argument, and more than about a hundred
 * thousand are too many for the stack.
 */

/** The largest; `least` where none is larger. */
export function mostOf(numbers: readonly number[], least = Number.NEGATIVE_INFINITY): number {
  return numbers.reduce((most, n) => Math.max(most, n), least);
}

/** The smallest; `most` where none is smaller. */
export function leastOf(numbers: readonly number[], most = Number.POSITIVE_INFINITY): number {
  return numbers.reduce((least, n) => Math.min(least, n), most);
}
