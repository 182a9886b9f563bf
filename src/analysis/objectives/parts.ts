import { messageOf } from '../../model/errors.ts';
import type { StoryLine } from '../../model/result.ts';

/** Lines of a story. */
const MAX_LINES = 5;

/** Makes the parts of a result one by one: a bug in one costs that part and no other, and the reader is told. */
export class Parts {
  readonly #lost: string[] = [];

  /** What `work` makes; `otherwise` when it throws. `name` is for people. */
  make<T>(name: string, work: () => T, otherwise: T): T {
    try {
      return work();
    } catch (error) {
      this.#lost.push(`${name} (${messageOf(error)})`);
      return otherwise;
    }
  }

  /** The story, with what had to be left out of the result at its end. */
  told(story: readonly StoryLine[]): readonly StoryLine[] {
    if (this.#lost.length === 0) return story;
    const text = `A bug in faultline has left out of this result: ${this.#lost.join(', ')}.`;
    return [...story.slice(0, MAX_LINES - 1), { text, link: '#reproduce' }];
  }
}
