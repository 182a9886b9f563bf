import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { StopSignal } from '../../model/history.ts';
import type { StopReason } from '../../run/stop.ts';
import { newRunId, runFolder } from '../../store/run-folder.ts';
import { type ChildRun, runInChild } from './child-run.ts';

describe('a run in a process of its own that is told to stop before it has begun', function () {
  this.timeout(20_000);
  let root: string;
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'faultline-child-'));
  });
  after(() => rmSync(root, { recursive: true }));

  /** How one ends that gets this signal as soon as it is started. */
  function stoppedBy(signal: StopSignal, out: string, target = 'sandbox'): Promise<ChildRun> {
    const stop = AbortSignal.abort({ kind: 'signal', signal } satisfies StopReason);
    return runInChild(join(root, 'missing.yaml'), { target, out, yes: false, wait: undefined }, stop);
  }

  it('has the exit code of that signal', async () => {
    const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGQUIT: 131, SIGUSR1: 143 } as const;
    for (const [signal, code] of Object.entries(codes)) {
      expect(await stoppedBy(signal as StopSignal, join(root, 'none')), signal).to.deep.equal({ code });
    }
  });

  it('has left nobody knows what where a run has begun', async () => {
    const { path, journal } = runFolder(
      join(
        root,
        newRunId(new Date(0), () => 0.5),
      ),
    );
    mkdirSync(path);
    writeFileSync(journal, '');
    const why = 'killed (SIGTERM): nobody knows what it has left';
    const recover = `faultline recover --out ${root}`;
    expect(await stoppedBy('SIGTERM', root)).to.deep.equal({ code: 5, open: { why, recover } });
    const onClusters = await stoppedBy('SIGTERM', root, 't.yaml');
    expect(onClusters.open?.recover).to.equal(`${recover} --target t.yaml`);
  });
});
