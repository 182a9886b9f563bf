const LONGEST = 64;

/** The candidate that `word` most probably means, or undefined when none is near. Earlier candidates win a tie. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > LONGEST) return undefined;
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const distance = editDistance(plain(word), plain(candidate));
    if (distance <= reach(word, candidate) && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Whether a word is another one with so many mistakes at most. */
export function isNear(word: string, other: string, most: number): boolean {
  return Math.abs(word.length - other.length) <= most + 2 && editDistance(plain(word), plain(other)) <= most;
}

function plain(word: string): string {
  return word.toLowerCase().replace(/[-_ ]/g, '');
}

function reach(word: string, candidate: string): number {
  const length = Math.max(word.length, candidate.length);
  if (length <= 3) return 1;
  return length <= 6 ? 2 : 3;
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j - 1] ?? 0) + (same ? 0 : 1), (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (beforeLast[j - 2] ?? cost) + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
