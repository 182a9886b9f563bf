import { expect } from 'chai';
import { sideBySide } from './side-by-side.ts';

/** Work that ends when it is told to. */
class Bench {
  readonly begun: string[] = [];
  readonly #ends = new Map<string, () => void>();

  work = (item: string, index: number): Promise<string> => {
    this.begun.push(item);
    return new Promise((resolve) => this.#ends.set(item, () => resolve(`${item}${index}`)));
  };

  async end(item: string): Promise<void> {
    this.#ends.get(item)?.();
    await new Promise(setImmediate);
  }
}

describe('work side by side', () => {
  it('is so much at a time, begun in order, and told in order whichever ends first', async () => {
    const bench = new Bench();
    const all = sideBySide(['a', 'b', 'c', 'd'], 2, { work: bench.work, isOver: () => false });
    expect(bench.begun).to.deep.equal(['a', 'b']);
    await bench.end('b');
    expect(bench.begun).to.deep.equal(['a', 'b', 'c']);
    for (const item of ['c', 'd', 'a']) await bench.end(item);
    expect(await all).to.deep.equal(['a0', 'b1', 'c2', 'd3']);
  });

  it('is one after the other in one lane, and begun no more once it is over', async () => {
    const bench = new Bench();
    const isOver = (done: readonly string[]) => done.includes('b1');
    const all = sideBySide(['a', 'b', 'c'], 1, { work: bench.work, isOver });
    await bench.end('a');
    expect(bench.begun).to.deep.equal(['a', 'b']);
    await bench.end('b');
    expect(await all).to.deep.equal(['a0', 'b1']);
    expect(bench.begun).to.deep.equal(['a', 'b']);
  });

  it('that was begun goes on to its end when it is over', async () => {
    const bench = new Bench();
    let over = false;
    const all = sideBySide(['a', 'b', 'c'], 2, { work: bench.work, isOver: () => over });
    over = true;
    await bench.end('a');
    await bench.end('b');
    expect(await all).to.deep.equal(['a0', 'b1']);
  });

  it('rejects as one of it does', async () => {
    const work = async (item: string): Promise<string> => {
      if (item === 'b') throw new Error('b is broken');
      return item;
    };
    const error = await sideBySide(['a', 'b'], 2, { work, isOver: () => false }).catch(
      (reason: Error) => reason.message,
    );
    expect(error).to.equal('b is broken');
  });
});
