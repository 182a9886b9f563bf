import { FaultlineError, messageOf } from '../../model/errors.ts';
import type { JournalCluster } from '../../model/journal.ts';
import type { RecoverResult } from '../../run/recover.ts';

/** Marks and plans of a run of which no folder tells that was read. */
type OtherRun = {
  readonly cluster: string;
  readonly runId: string;
  /** What carries its mark, and its plans; as people name them. */
  readonly objects: readonly string[];
  /** What undoes it. */
  readonly command: string;
};

/** A cluster of a run that is gone for good, as a person says, by its name and by where it was. */
export type GoneCluster = Pick<JournalCluster, 'kubeconfig' | 'context'> & {
  readonly runId: string;
  readonly cluster: string;
};

/** What recovering came to: a cluster that could not be reached keeps no other from being recovered. */
export type Recovered = {
  readonly recoveries: readonly RecoverResult[];
  readonly problems: readonly string[];
  /** Clusters that a living run or recovery holds: nothing was done there. */
  readonly held: readonly string[];
  /** Clusters that did not answer, where a journal says that nothing was left when its run ended. */
  readonly notAsked: readonly string[];
  /** Load that was ended, in words. */
  readonly load: readonly string[];
  /** Journals that could not be closed, in words: their clusters are asked again by the next recovery. */
  readonly unwritten: readonly string[];
  /** The runs whose folders have named the clusters to ask. */
  readonly runs: readonly string[];
  /** Runs whose clusters were sandboxes that have ended with them, so that nobody could be asked. */
  readonly ended: readonly string[];
  /** Clusters of runs that a person has said are gone for good, so that nobody was asked. */
  readonly gone: readonly GoneCluster[];
  /** What other runs have left in the clusters that were asked. */
  readonly others: readonly OtherRun[];
};

export const NOTHING: Recovered = {
  ...{ recoveries: [], problems: [], held: [], notAsked: [], load: [], unwritten: [] },
  ...{ runs: [], ended: [], gone: [], others: [] },
};

/** Puts several outcomes together. */
export function joinRecovered(parts: readonly Recovered[]): Recovered {
  return {
    recoveries: parts.flatMap((part) => part.recoveries),
    problems: parts.flatMap((part) => part.problems),
    held: parts.flatMap((part) => part.held),
    notAsked: parts.flatMap((part) => part.notAsked),
    load: parts.flatMap((part) => part.load),
    unwritten: parts.flatMap((part) => part.unwritten),
    runs: [...new Set(parts.flatMap((part) => part.runs))],
    ended: [...new Set(parts.flatMap((part) => part.ended))],
    gone: parts.flatMap((part) => part.gone),
    others: parts.flatMap((part) => part.others),
  };
}

/** Makes a problem of what `act` rejects with; a cluster that somebody holds is none, and says how to go on. */
export async function attempt(what: string, act: () => Promise<Recovered>): Promise<Recovered> {
  try {
    return await act();
  } catch (error) {
    const hint = error instanceof FaultlineError && error.hint !== undefined ? ` (${error.hint})` : '';
    const text = `${messageOf(error)}${hint}`;
    if (error instanceof FaultlineError && error.code === 'LEASE_HELD') return { ...NOTHING, held: [text] };
    return { ...NOTHING, problems: [toldAt(what, text)] };
  }
}

/** What is said of something, by its name, which the text of an error may begin with already. */
export function toldAt(what: string, text: string): string {
  return text.startsWith(`${what}: `) ? text : `${what}: ${text}`;
}

/** Goes on with `more` where nobody holds any of the clusters. */
export async function unlessHeld(found: readonly Recovered[], more: () => Promise<Recovered[]>): Promise<Recovered[]> {
  return found.some(({ held }) => held.length > 0) ? [...found] : [...found, ...(await more())];
}
