import type { Load } from '../../../model/scenario.ts';
import type { Path } from '../../../model/target.ts';
import type { Micros } from '../../../model/units.ts';
import { hrtimeMicros } from '../../clock.ts';
import { pathTo } from '../../testing/load-fixture.ts';
import { type LoadOutcome, runLoad, sentBy } from '../../testing/run-load.ts';
import { freezable } from '../../testing/test-server.ts';
import type { K6Engine } from '../handle.ts';

type Engine = Pick<K6Engine, 'start'>;

/** Sends a load of 200 requests/s to a target that is frozen for the time of 600 requests, which is three seconds. */
export async function runWhileFrozen(
  engine: Engine,
  load: Load,
): Promise<{ outcome: LoadOutcome; frozen: { from: Micros; to: Micros } }> {
  const { child, port } = await freezable();
  const frozen = { from: 0, to: 0 };
  try {
    const outcome = await runLoad(load, [pathTo(port)], {
      engine,
      enough: (handle) => {
        const sent = sentBy(handle);
        if (frozen.from === 0 && sent >= 100 && child.kill('SIGSTOP')) frozen.from = hrtimeMicros();
        if (frozen.to === 0 && sent >= 700) {
          frozen.to = hrtimeMicros();
          child.kill('SIGCONT');
        }
        return sent >= 1200;
      },
    });
    return { outcome, frozen };
  } finally {
    child.kill('SIGKILL');
  }
}

/** Holds k6 for a second: it has a burst of due requests then, and too few users for them. */
export async function runWhileHeld(engine: Engine, load: Load, path: Path): Promise<LoadOutcome> {
  let pid = 0;
  const watched: Engine = {
    start: async (options) => {
      const handle = await engine.start(options);
      pid = handle.pid;
      return handle;
    },
  };
  let thaw: NodeJS.Timeout | undefined;
  return runLoad(load, [path], {
    engine: watched,
    enough: (handle) => {
      const sent = sentBy(handle);
      if (thaw === undefined && sent >= 100 && process.kill(pid, 'SIGSTOP')) {
        thaw = setTimeout(() => process.kill(pid, 'SIGCONT'), 1000);
      }
      return sent >= 400;
    },
  });
}
