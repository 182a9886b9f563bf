import { expect } from 'chai';
import { BEGIN_COMMAND, END_COMMAND, whenTold } from '../faults/in-pod/script.ts';
import { PacketFilters } from './nodes/packet-filter.ts';
import { PodLoad } from './nodes/pod-load.ts';
import { ShellContainer } from './shell/container.ts';
import { ManualClock } from './testing/manual-clock.ts';

const WAIT_MS = 60_000;

/** A container of a fault as its kubelet has started it; `said` is its log, `over` its exit code once it has one. */
function started() {
  const clock = new ManualClock();
  const place = { ip: '10.0.0.1', gateway: '10.0.9.9', filters: new PacketFilters(), load: new PodLoad() };
  const container = new ShellContainer(clock, place);
  const seen: { over?: number } = {};
  void container
    .run({ command: ['sh', '-c', whenTold(['echo it begins'], 900).replaceAll('$', () => '$$')] })
    .then((code) => {
      seen.over = code;
    });
  const tell = async () => (await container.exec(BEGIN_COMMAND)).code;
  return { clock, container, seen, tell, said: () => container.log.pieces.join('') };
}

describe('the container of a fault', () => {
  it('that nobody tells to begin has done nothing, and ends', async () => {
    const { clock, seen, said } = started();
    await clock.advance(WAIT_MS - 1);
    expect([seen.over, said()]).to.deep.equal([undefined, '']);
    await clock.advance(1);
    expect([seen.over, said()]).to.deep.equal([0, '']);
  });

  it('begins when it is told to, says so, and does not begin again', async () => {
    const { clock, seen, tell, said } = started();
    await clock.advance(WAIT_MS - 1);
    await tell();
    await clock.advance(1);
    expect([await tell(), said()]).to.deep.equal([0, 'it begins\n']);
    await clock.advance(899_000);
    expect([await tell(), said(), seen.over]).to.deep.equal([0, 'it begins\n', undefined]);
    await clock.advance(2_000);
    expect(seen.over, 'its time counts from then').to.equal(0);
  });

  it('ends when it is told to, begun or not', async () => {
    for (const first of [true, false]) {
      const { clock, container, seen, tell, said } = started();
      await clock.advance(1);
      if (first) await tell();
      await clock.advance(1);
      await container.exec(END_COMMAND);
      await clock.advance(1);
      expect([seen.over, said()]).to.deep.equal([0, first ? 'it begins\n' : '']);
    }
  });
});
