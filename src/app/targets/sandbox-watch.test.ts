import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { HistoryEvent } from '../../model/history.ts';
import { systemClock } from '../../run/system-clock.ts';
import { type OpenHistory, openHistory, readHistory } from '../../store/history-file.ts';
import { type BlindWatch, recordBlind } from '../drill/blind.ts';
import { watchSandbox } from './sandbox-watch.ts';

type BlindEvent = Extract<HistoryEvent, { type: 'blind' }>;

describe('watching the process of a sandbox', function () {
  this.timeout(60_000);
  let dir: string;
  let child: ChildProcess;
  let history: OpenHistory;
  let watch: BlindWatch;

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'faultline-test-'));
    const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
    child = fork(main, ['sandbox', 'up', '--dir', dir], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    await once(child, 'message');
    history = openHistory(join(dir, 'history.ndjson'), systemClock);
  });
  afterEach(async () => {
    watch.end();
    history.close();
    const ended = child.exitCode !== null || child.signalCode !== null ? undefined : once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  });

  function record(silenceMs?: number): void {
    const options = { clock: systemClock, answerWithinMs: 1000, ...(silenceMs === undefined ? {} : { silenceMs }) };
    const listen = (answerWithinMs: number, onBlind: Parameters<typeof watchSandbox>[2]) =>
      watchSandbox(child, { ...options, answerWithinMs }, onBlind);
    watch = recordBlind(listen, 1000, history, () => {});
  }

  function blind(): BlindEvent[] {
    return readHistory(join(dir, 'history.ndjson')).filter((event) => event.type === 'blind');
  }

  /** How much of the time from `from` to `to` the history has as blind. */
  function overlap(from: number, to: number): number {
    return blind().reduce((sum, event) => sum + Math.max(0, Math.min(to, event.to) - Math.max(from, event.from)), 0);
  }

  it('reads the same clock as the sandbox does', async () => {
    const before = systemClock.now();
    let at: number | undefined;
    child.on('message', (message: { beat?: { at: number } }) => {
      at ??= message.beat?.at;
    });
    record();
    await watch.settle();
    expect(at).to.be.within(before - 1_000_000, systemClock.now());
  });

  it('writes that it stood still', async () => {
    record();
    await watch.settle();
    const from = history.now();
    child.kill('SIGSTOP');
    await sleep(1500);
    const to = history.now();
    child.kill('SIGCONT');
    await watch.settle();
    expect(overlap(from, to)).to.be.above((to - from) / 2);
    expect(blind().at(-1)?.detail).to.match(/^the sandbox stood still for .*\(this machine is overloaded\)$/);
  });

  it('writes that it is silent, and does not wait for it for ever', async () => {
    record(1000);
    const from = history.now();
    child.kill('SIGSTOP');
    await watch.settle();
    const told = history.now();
    expect(overlap(from, told)).to.be.above((told - from) / 2);
    child.kill('SIGCONT');
    await watch.settle();
    const ordered = blind();
    for (const [i, event] of ordered.entries()) expect(event.from).to.be.at.least(ordered[i - 1]?.to ?? 0);
  });

  it('writes that it has ended, and everything after that is blind', async () => {
    record();
    child.kill('SIGKILL');
    await watch.settle();
    expect(blind().at(-1)?.detail).to.equal('the process of the sandbox has ended');
    const from = blind().at(-1)?.to ?? 0;
    await watch.settle();
    const to = history.now();
    await watch.settle();
    expect(blind().at(-1)?.detail).to.equal('the process of the sandbox has ended');
    expect(from).to.be.above(0);
    expect(overlap(from, to)).to.be.at.least(to - from);
  });
});
