import { expect } from 'chai';
import { PacketFilters } from '../nodes/packet-filter.ts';
import { iptables } from './iptables.ts';

const IP = '10.0.0.1';

function started() {
  const filters = new PacketFilters();
  const filter = filters.of(IP);
  const run = (line: string) => iptables(filter, ['-w', ...line.split(' ')]);
  const all = (...lines: string[]) => lines.map((line) => run(line).code);
  const open = (from: string, to: string, port = 8000) => filters.carry(from, to, port);
  return { filters, run, all, open };
}

describe('iptables in the sandbox', () => {
  it('drops what its rules say, both ways, and nothing of other pods', () => {
    const { all, open } = started();
    expect(all('-N MINE', '-A MINE -j DROP', '-I INPUT -j MINE')).to.deep.equal([0, 0, 0]);
    expect([open('10.0.0.2', IP), open(IP, '10.0.0.2'), open('10.0.0.2', '10.0.0.3')]).to.deep.equal([
      false,
      false,
      true,
    ]);
    expect(all('-D INPUT -j MINE', '-F MINE', '-X MINE')).to.deep.equal([0, 0, 0]);
    expect(open('10.0.0.2', IP)).to.equal(true);
  });

  it('takes the first rule that decides, and goes back where a rule returns', () => {
    const { all, open } = started();
    all('-N MINE', '-A MINE -i lo -j RETURN', '-A MINE -s 10.0.9.9 -p tcp --dport 15021 -j RETURN');
    all(
      '-A MINE -d 10.0.9.9 -p tcp --sport 15021 -j RETURN',
      '-A MINE -j DROP',
      '-I INPUT -j MINE',
      '-I OUTPUT -j MINE',
    );
    expect(open('10.0.9.9', IP, 15021)).to.equal(true);
    expect(open('10.0.9.9', IP, 8000)).to.equal(false);
    expect(open('10.0.9.8', IP, 15021)).to.equal(false);
    all('-I INPUT -j ACCEPT', '-I OUTPUT -j ACCEPT');
    expect(open('10.0.9.8', IP)).to.equal(true);
  });

  it('counts packets and shows them', () => {
    const { all, open, run } = started();
    all('-N MINE', '-A MINE -j DROP', '-I INPUT -j MINE');
    open('10.0.0.2', IP);
    open('10.0.0.2', IP);
    expect(run('-vS MINE').output).to.equal('-N MINE\n-A MINE -c 2 120 -j DROP\n');
    expect(run('-S INPUT').output).to.equal('-P INPUT ACCEPT\n-A INPUT -j MINE\n');
  });

  it('refuses what iptables refuses, and what it does not know', () => {
    const { all, run } = started();
    expect(all('-S MINE', '-A MINE -j DROP', '-D INPUT -j DROP', '-X INPUT')).to.deep.equal([1, 1, 1, 1]);
    expect(all('-N MINE', '-N MINE')).to.deep.equal([0, 1]);
    expect(all('-I INPUT -j MINE', '-X MINE', '-I INPUT -j OTHER')).to.deep.equal([0, 1, 2]);
    expect(all('-A MINE -j DROP', '-D INPUT -j MINE', '-X MINE')).to.deep.equal([0, 0, 1]);
    for (const line of [
      '-t nat',
      '-P INPUT',
      '-A MINE -p udp -j DROP',
      '-A MINE -m comment -j DROP',
      '-A MINE -s',
      '-A MINE',
    ]) {
      expect(run(line).code, line).to.equal(2);
    }
  });
});
