import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { FaultPlan } from '../../model/fault.ts';
import { plansRef } from '../../run/lock-objects.ts';
import { isClean } from '../../run/recover.ts';
import { openJournal, readJournal } from '../../store/journal-file.ts';
import { DyingRun } from './testing/dying-run.ts';

describe('recover from a journal with a plan that is none', () => {
  let out: string;
  beforeEach(() => {
    out = mkdtempSync(join(tmpdir(), 'faultline-recover-'));
  });
  afterEach(() => rmSync(out, { recursive: true, force: true }));

  it('undoes what a journal tells soundly, beside plans that it cannot read, and what objects tell of those', async () => {
    const some = await new DyingRun(out, '20261121t090000z-some').dieBefore('undo-intent');
    const plans = readJournal(some.folder.journal).entries.flatMap((entry) =>
      entry.state === 'intent' ? [entry.plan] : [],
    );
    const wrongs = [
      null,
      {},
      { ...plans[0], objects: [null] },
      { ...plans[0], data: null },
      { ...plans[0], kind: 'newer' },
    ];
    for (const wrong of wrongs as FaultPlan[]) {
      for (const at of wrong === null ? [0, 1] : [0]) {
        const run = await new DyingRun(mkdtempSync(join(out, 'in-'))).dieBefore('undo-intent');
        const { entries } = readJournal(run.folder.journal);
        rmSync(run.folder.journal);
        const journal = openJournal(run.folder.journal);
        let begun = 0;
        for (const entry of entries)
          journal.append(entry.state === 'intent' && begun++ === at ? { ...entry, plan: wrong } : entry);
        journal.close();
        await run.bench.cluster.delete(plansRef('default'));
        const { recoveries, problems } = await run.recover();
        const text = `${at}: ${JSON.stringify(wrong)?.slice(0, 80)}`;
        expect(problems, text).to.deep.equal([]);
        const told = recoveries.flatMap(({ undone }) => undone.map(({ outcome }) => outcome.state));
        expect([new Set(told), recoveries.every(isClean)], text).to.deep.equal([new Set(['undone', 'failed']), false]);
        expect(run.isAsBefore(), text).to.equal(true);
      }
    }
  });
});
