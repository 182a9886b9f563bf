/** The same function, which works out each answer once. */
export function remembered<K, V>(work: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    if (known.has(key)) return known.get(key) as V;
    const answer = work(key);
    known.set(key, answer);
    return answer;
  };
}
