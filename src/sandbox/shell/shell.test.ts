import { expect } from 'chai';
import { PacketFilters } from '../nodes/packet-filter.ts';
import { PodLoad } from '../nodes/pod-load.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { ShellContainer } from './container.ts';

const PLACE = { ip: '10.0.0.1', gateway: '10.0.9.9' };

function container(clock = new ManualClock(), filters = new PacketFilters()) {
  return new ShellContainer(clock, { ...PLACE, filters, load: new PodLoad() });
}

/** Exit code and output of a script. */
async function sh(script: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await container().exec(['sh', '-c', script, 'sh', ...args]);
  return `${code} ${stdout}${stderr}`;
}

describe('the shell of the sandbox', () => {
  it('runs commands one after the other and ends as the last of them did', async () => {
    expect(await sh('echo a; echo b\ntrue')).to.equal('0 a\nb\n');
    expect(await sh('true\nfalse')).to.contain('1 ');
    expect(await sh('echo one; exit 5; echo two')).to.equal('5 one\n');
    expect(await sh('nothing-like-it')).to.equal('127 nothing-like-it: not found\n');
  });

  it('looks at how the command before ended', async () => {
    expect(await sh('true && echo yes || echo no')).to.equal('0 yes\n');
    expect(await sh('false && echo yes || echo no'))
      .to.contain('0 ')
      .and.contain('no')
      .and.not.contain('yes');
    expect(await sh('true &&\necho next')).to.equal('0 next\n');
    expect(await sh('test 3 -lt 4 && echo less; test 4 -lt 4 || echo not')).to.equal('0 less\nnot\n');
    expect(await sh('test x -lt 4 || echo $?')).to.contain('2\n');
  });

  it('splits what is not in quotes and keeps together what is', async () => {
    expect(await sh('echo "a  b" c   d')).to.equal('0 a  b c d\n');
    expect(await sh("echo 'it is $1'", 'x')).to.equal('0 it is $1\n');
    expect(await sh(`echo $1 "$2" \${3:-none}`, 'a', 'b  c')).to.equal('0 a b  c none\n');
    expect(await sh('set -- $(ip -4 route show default)\necho $3 $#')).to.contain('10.0.9.9');
    expect(await sh(`set -- $(ip -6 route show default)\necho \${3:-none}`)).to.equal('0 none\n');
    expect(await sh('echo x$1y', '')).to.equal('0 xy\n');
  });

  it('writes to files and reads from them', async () => {
    expect(await sh('echo a > /f; echo b >> /f; cat /f; read x < /f && echo got $x')).to.equal('0 a\nb\ngot a\n');
    expect(await sh('read x < /none || echo no'))
      .to.contain('0 ')
      .and.contain('no');
    expect(await sh('test "$(date +%s)" -lt 1767225601 && echo early')).to.equal('0 early\n');
  });

  it('does not run a line of a script that it cannot read whole', async () => {
    for (const bad of [
      'if true; then echo x; fi',
      'echo `x`',
      'a | b',
      'echo "x',
      'echo $(x',
      'f() { x; }',
      'echo \\x',
    ]) {
      const said = await sh(`echo first\n${bad}`);
      expect(said, bad).to.match(/^2 sh: syntax error/);
      expect(said, bad).to.not.contain('first');
    }
  });

  it('knows its process and ends by a trap when it is told to, at once where it waits', async () => {
    const clock = new ManualClock();
    const one = container(clock);
    const command = [
      "trap 'exit 7' TERM\ntrap 'echo bye' EXIT\necho $$$$ > /pid\necho on\nsleep 100 &\nwait $!\necho over",
    ];
    const ended = one.run({ command: ['sh', '-c', ...command] });
    await clock.advance(1000);
    expect(one.log.pieces.join('')).to.equal('on\n');
    expect(await one.exec(['sh', '-c', 'read pid < /pid && kill $pid && echo told'])).to.include({
      code: 0,
      stdout: 'told\n',
    });
    await clock.advance(0);
    expect(await ended).to.equal(7);
    expect(one.log.pieces.join('')).to.equal('on\nbye\n');
    expect((await one.exec(['sh', '-c', 'kill 1'])).code, 'nobody is there any more').to.equal(1);
  });

  it('ends by itself when its time is over', async () => {
    const clock = new ManualClock();
    const one = container(clock);
    const ended = one.run({
      command: ['sh', '-c', "trap 'echo bye > /dev/termination-log' EXIT\nsleep 100 &\nwait $!"],
    });
    await clock.advance(99_999);
    expect(one.log.ended).to.equal(false);
    await clock.advance(1);
    expect(await ended).to.equal(0);
    expect(one.terminationMessage).to.equal('bye\n');
  });

  it('goes on when it is told to end and has no trap, and ends at once when it is killed, without its trap', async () => {
    const clock = new ManualClock();
    const one = container(clock);
    const ended = one.run({ command: ['sh', '-c', "trap 'echo bye' EXIT\nsleep 100 &\nwait $!"] });
    await clock.advance(1);
    await one.exec(['sh', '-c', 'kill 1']);
    await clock.advance(1000);
    expect(one.log.ended).to.equal(false);
    one.kill();
    await clock.advance(1);
    expect(await ended).to.equal(137);
    expect(one.log.pieces.join('')).to.equal('');
  });

  it('gets its command with the variables of the container in it, as a kubelet expands it', async () => {
    const one = container();
    const env = [{ name: 'WHO', value: 'x' }];
    await one.run({ env, command: ['sh', '-c', 'echo $(WHO) $$1 $(date +%s)'], args: ['sh', 'y'] });
    expect(one.log.pieces.join('')).to.equal('x y 1767225600\n');
  });

  it('uses CPU and memory in the background until it ends, or is killed for what it holds', async () => {
    const clock = new ManualClock();
    const load = new PodLoad();
    const place = { ...PLACE, filters: new PacketFilters(), load };
    const hold = 'timeout 9 sh -c "(head -c 4096 /dev/zero; sleep 9) | tail > /dev/null" &';
    const script = `timeout 9 dd if=/dev/zero of=/dev/null bs=64k &\n${hold}\nsleep 5`;
    const ran = new ShellContainer(clock, { ...place, memoryLimit: 4096 }).run({ command: ['sh', '-c', script] });
    await clock.advance(1);
    expect(load.busy).to.equal(1);
    await clock.advance(5_000);
    expect([await ran, load.busy]).to.deep.equal([0, 0]);
    expect(
      await new ShellContainer(clock, { ...place, memoryLimit: 4095 }).run({ command: ['sh', '-c', script] }),
    ).to.equal(137);
  });
});
