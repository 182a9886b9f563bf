import type { ChildProcess } from 'node:child_process';
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../model/ports.ts';
import { formatDuration, type Micros, type Millis } from '../../model/units.ts';
import { BlindMeter, type Stretch } from '../../sandbox/pulse/blind-meter.ts';
import type { Beat } from '../../sandbox/pulse/pulse.ts';
import type { Blind, BlindWatch } from '../drill/blind.ts';
import type { SandboxMessage } from './sandbox-message.ts';

/** A process that says nothing for so long, where a beat is due four times a second, stands still. */
const SILENCE_MS: Millis = 5_000;
/** Of the time it was held up, a process that used this much of the processor has held itself up. */
const BUSY_SHARE = 0.8;

type Options = {
  readonly clock: Clock;
  readonly answerWithinMs: Millis;
  /** @default 5000 */
  readonly silenceMs?: Millis;
};

/**
 * Listens to the pulse of a sandbox's process. Both processes read the machine's one monotonic clock, so that the times
 * it tells need no conversion. A process that stands still cannot speak: `settle` waits for its next beat, and tells of
 * the silence when none comes. Once the process has ended, all time since its last beat is blind.
 */
export function watchSandbox(
  child: ChildProcess,
  { clock, answerWithinMs, silenceMs = SILENCE_MS }: Options,
  onBlind: (blind: Blind) => void,
): BlindWatch {
  const meter = new BlindMeter(answerWithinMs, (stretch) => onBlind(inWords(stretch)));
  let heard: Micros = clock.now();
  let waiting: { readonly since: Micros; readonly answered: AbortController } | undefined;
  const hear = (beat: Beat) => {
    heard = Math.max(heard, beat.at);
    meter.hear(beat);
    if (waiting !== undefined && heard >= waiting.since) waiting.answered.abort();
  };
  const silence = (): Beat => {
    const at = clock.now();
    return { at, gaps: [{ from: heard, to: at, cpu: 0 }] };
  };
  const onMessage = (message: SandboxMessage) => {
    if ('beat' in message) hear(message.beat);
  };
  const tellEnd = () => {
    const from = heard;
    heard = clock.now();
    meter.flush();
    if (heard > from) onBlind({ from, to: heard, detail: 'the process of the sandbox has ended' });
  };
  const onDisconnect = () => {
    waiting?.answered.abort();
    tellEnd();
  };
  child.on('message', onMessage);
  child.once('disconnect', onDisconnect);
  return {
    settle: async () => {
      if (!child.connected) return tellEnd();
      const since = clock.now();
      const answered = new AbortController();
      waiting = { since, answered };
      await clock.sleep(silenceMs, answered.signal);
      // When this process is the one that stood still, the word of the other may wait behind the timer.
      await turn();
      waiting = undefined;
      if (heard < since) hear(silence());
      meter.flush();
    },
    end: () => {
      child.off('message', onMessage);
      child.off('disconnect', onDisconnect);
    },
  };
}

function inWords({ from, to, lost, cpu }: Stretch): Blind {
  const howLong = formatDuration(Math.round(lost / 10_000) * 10);
  const why = cpu >= BUSY_SHARE * lost ? 'the load is too much for it' : 'this machine is overloaded';
  return { from, to, detail: `the sandbox stood still for ${howLong} (${why})` };
}
