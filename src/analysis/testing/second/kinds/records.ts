import { farPath, spoil } from '../edits.ts';
import { SECOND } from '../fault.ts';
import { broken, doubtful, drill, kind, RIGHT, type Told, UNPROVEN } from '../finish.ts';
import type { Happening } from '../happening.ts';
import type { Rng } from '../rng.ts';
import type { Kind } from '../truth.ts';

type Tweaks = NonNullable<Told['tweaks']>;

function shuffled(rng: Rng, text: string, width: number): string {
  const lines = text.trimEnd().split('\n');
  const keyed = lines.map((line, i) => ({ line, key: line.startsWith('{"p"') ? i + rng.between(0, width) : i }));
  keyed.sort((a, b) => a.key - b.key);
  return keyed.map(({ line }) => `${line}\n`).join('');
}

/** Changes the objects of the `undone` step. */
function undone(change: (event: Extract<Happening, { type: 'fault' }>) => Happening): Tweaks['history'] & {} {
  return (all) => all.map((event) => (event.type === 'fault' && event.step === 'undone' ? change(event) : event));
}

/** Files that were torn, reordered or written twice, and what was left behind. */
export const RECORD_KINDS: readonly Kind[] = [
  kind('records-out-of-order', 'W1', 'lines are told up to a dozen lines late', (rng) => ({
    drill: drill(rng),
    truth: RIGHT,
    tweaks: { records: (text) => shuffled(rng, text, 12) },
  })),
  kind('records-far-out-of-order', 'W1', 'lines are told up to three hundred lines late', (rng) => ({
    drill: drill(rng),
    truth: UNPROVEN,
    tweaks: { records: (text) => shuffled(rng, text, 300) },
  })),
  kind('torn-last-line', 'S1', 'the last line is torn', (rng) => ({
    drill: drill(rng),
    truth: UNPROVEN,
    tweaks: { records: (text) => text.slice(0, -30) },
  })),
  kind('foreign-lines', 'S1', 'lines of something else stand between the records', (rng) => ({
    drill: drill(rng),
    truth: UNPROVEN,
    tweaks: { records: (text) => text.replace(/\n\{"p":1,"n":50,/, '\nWARN something else\n{"x":1}\n{"p":1,"n":50,') },
  })),
  kind('duplicates', 'W1', 'one record in twenty was written twice, the same', (rng) => ({
    drill: drill(rng),
    truth: UNPROVEN,
    tweaks: {
      records: (text) =>
        text
          .split('\n')
          .flatMap((line) => (line.startsWith('{"p"') && rng.chance(0.05) ? [line, line] : [line]))
          .join('\n'),
    },
  })),
  kind('duplicates-that-disagree', 'S1', 'forty records of a far path exist twice, good and bad', (rng) => {
    const made = drill(rng);
    const mine = made.requests.filter((r) => r.path === farPath(made) && r.due >= made.times.hold + 2 * SECOND);
    for (const request of mine.slice(0, 40)) {
      const twin = { ...request };
      spoil(made, twin, 'reset');
      made.requests.push(twin);
    }
    return { drill: made, truth: doubtful(['unaffected', 'recoveryTime', 'errorBudget', 'loadQuality']) };
  }),
  kind('engine-restarted', 'W1', 'a second header and the same paths again stand in the middle', (rng) => ({
    drill: drill(rng),
    truth: UNPROVEN,
    tweaks: {
      records: (text) => {
        const lines = text.split('\n');
        return [...lines.slice(0, 900), ...lines.slice(0, 5), ...lines.slice(900)].join('\n');
      },
    },
  })),
  kind('wall-clock-steps', 'T1', 'the wall clock jumps an hour; the run’s clock does not', (rng) => ({
    drill: drill(rng),
    truth: RIGHT,
  })),
  kind('history-torn-at-the-end', 'W1', 'nothing is told after the undo began', (rng) => {
    const made = drill(rng);
    const history: Tweaks['history'] = (all) => all.filter((event) => event.t < made.times.undo + 200);
    return { drill: made, truth: doubtful(['putBack']), tweaks: { history } };
  }),
  kind('history-without-its-last-lines', 'S1', 'the engine’s counts and the end of the run are missing', (rng) => {
    const made = drill(rng);
    return {
      drill: made,
      truth: doubtful(['putBack']),
      tweaks: { history: (all) => all.filter((event) => event.t <= made.times.end) },
    };
  }),
  kind('left-behind', 'X4', 'an object still carries the run’s mark', (rng) => {
    const object = { ref: 'deployment/shop/basket', command: 'kubectl -n shop annotate deployment basket mark-' };
    const history: Tweaks['history'] = (all) =>
      all.map((event) => (event.type === 'leftovers' ? { ...event, objects: [object] } : event));
    return { drill: drill(rng), truth: broken(['putBack']), tweaks: { history } };
  }),
  kind('undo-conflict', 'X4', 'somebody else changed the object; it was left alone', (rng) => {
    const history = undone((event) => ({
      ...event,
      step: 'undo-conflict',
      detail: 'somebody else has changed the image',
      objects: (event.objects ?? []).map((object) => ({ ...object, state: 'conflict' as const })),
    }));
    return { drill: drill(rng), truth: doubtful(['putBack'], { mustNotPass: ['putBack'] }), tweaks: { history } };
  }),
  kind('unknown-path-index', 'S1', 'a few records name a path that nobody declared', (rng) => ({
    drill: drill(rng),
    truth: UNPROVEN,
    tweaks: {
      records: (text) => `${text}{"p":77,"n":0,"due":12000000,"t0":12000100,"t1":12003000,"s":503,"c":0,"f":0}\n`,
    },
  })),
];
