import { messageOf } from '../../model/errors.ts';
import type { Journal, JournalEntry } from '../../model/journal.ts';

/**
 * A journal that keeps what it was told in mind as well, also what it could not write: its file may be gone when the run is over.
 * `onBroken` hears, in words, of each entry that could not be written: whoever reads the file later takes for open what is closed.
 */
export function remembered<Open extends Journal>(
  journal: Open,
  entries: JournalEntry[],
  onBroken: (message: string) => void,
): Open {
  const append: Journal['append'] = (entry) => {
    entries.push(entry);
    try {
      journal.append(entry);
    } catch (error) {
      onBroken(messageOf(error));
      throw error;
    }
  };
  return { ...journal, append };
}
