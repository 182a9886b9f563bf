import { join } from 'node:path';
import type { RequestRecord } from '../../../model/record.ts';
import { openRecordFile } from '../../record-writer.ts';
import { CHAIN, loadOf } from '../../testing/load-fixture.ts';
import { readRecords } from '../../testing/record-reader.ts';
import { CONSOLE_WIRE } from '../records/console-wire.ts';
import { Session } from '../records/session.ts';
import type { Source } from '../records/source.ts';

/* For the specs of the session: one over the console with the records it leaves behind, and time by hand. */

/** The run's zero on the scale of the session's clock; all other times here are run time, in milliseconds. */
const ZERO = 5_000_000;

/** A session whose time stands still until it is moved. Requests are due each 100 ms, of all k6 together. */
export class SessionUnderTest {
  readonly session: Session;
  readonly #file: string;
  #now = 0;

  private constructor(session: (now: () => number) => Session, file: string) {
    this.session = session(() => ZERO + this.#now * 1000);
    this.#file = file;
  }

  static async open(folder: string, more: { sources?: string[]; scenarioOf?: number[]; scripted?: boolean } = {}) {
    const file = join(folder, `${Math.random()}.ndjson`);
    const { sources = ['k6'], scenarioOf = [0], scripted = false } = more;
    const ids = scenarioOf.map((_, path) => `path${path}`);
    const how = {
      wire: CONSOLE_WIRE,
      sources,
      scenarioOf,
      scripted,
      ids,
      intervalsNs: ids.map(() => 1e8),
      settling: 500_000,
      zero: ZERO,
    };
    const records = await openRecordFile(file);
    return new SessionUnderTest((now) => new Session({ load: loadOf(), ...how, now }, records), file);
  }

  at(now: number): this {
    this.#now = now;
    return this;
  }

  source(index = 0): Source {
    return this.session.sources[index] as Source;
  }

  /** A reading of a k6 that was at its zero at the run time `zero`, known to `doubt`. */
  read(zero: number, { source = 0, drops = [0], doubt = 0 } = {}): this {
    const now = ZERO + this.#now * 1000;
    const [asked, answered] = [now - doubt * 1000, now + doubt * 1000];
    this.session.reading(this.source(source), { asked, answered, elapsed: (this.#now - zero) * 1000, drops });
    return this;
  }

  /** A request on the clock of its k6, one millisecond long. */
  tell(i: number, b: number, { source = 0, p = 0, t0 = b, ...more }: Record<string, unknown> & Partial<Told> = {}) {
    return this.session.line(
      this.source(source),
      JSON.stringify({ p, i, b, t0, t1: t0 + 1, s: 200, x: CHAIN, ...more }),
    );
  }

  async close(): Promise<readonly RequestRecord[]> {
    await this.session.close();
    return (await readRecords(this.#file)).records;
  }
}
type Told = { source: number; p: number; t0: number };

/** Records by number, as "number due outcome", due in milliseconds. */
export const seen = (records: readonly RequestRecord[]) =>
  records
    .map(({ seq, due, ended }) => `${seq} ${due / 1000} ${ended}`)
    .toSorted((a, b) => parseInt(a, 10) - parseInt(b, 10));
