/**
 * Works on items in their order, so many at a time as there are `lanes`, and begins none once it `isOver`. Resolves when those
 * that were begun have ended, to what has come of them in the order of the items; rejects as soon as one does.
 */
export async function sideBySide<Item, Result>(
  items: readonly Item[],
  lanes: number,
  { work, isOver }: { work(item: Item, index: number): Promise<Result>; isOver(done: readonly Result[]): boolean },
): Promise<Result[]> {
  const results = new Map<number, Result>();
  const waiting = items.entries();
  async function lane(): Promise<void> {
    for (const [index, item] of waiting) {
      if (isOver([...results.values()])) return;
      results.set(index, await work(item, index));
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane));
  return [...results].toSorted(([a], [b]) => a - b).map(([, result]) => result);
}
