import { expect } from 'chai';
import { PacketFilters, SPARED } from '../nodes/packet-filter.ts';
import { iptables } from './iptables.ts';
import { tc } from './tc.ts';

const IP = '10.0.0.1';

function started() {
  const filters = new PacketFilters();
  const filter = filters.of(IP);
  const run = (line: string) => iptables(filter, ['-w', ...line.split(' ')]);
  const all = (...lines: string[]) => lines.map((line) => run(line).code);
  const open = (from: string, to: string, port = 8000) => filters.fate(from, to, port, SPARED) === 'carried';
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
      '-A MINE -p icmp -j DROP',
      '-A MINE -m comment -j DROP',
      '-A MINE -s',
      '-A MINE',
    ]) {
      expect(run(line).code, line).to.equal(2);
    }
  });

  it('takes ranges, several addresses, who has called, and a share', () => {
    const { all, open, filters } = started();
    const from = (ip: string, port = 8000) => open(ip, IP, port);
    expect(
      all('-N MINE', '-I INPUT -j MINE', '-A MINE -s 10.0.1.0/24,10.0.2.2 -p tcp --dport 8000 -j DROP'),
    ).to.deep.equal([0, 0, 0]);
    expect(['10.0.1.7', '10.0.2.2', '10.0.2.3'].map((ip) => from(ip))).to.deep.equal([false, false, true]);
    expect([from('10.0.1.7', 9000), open(IP, '10.0.1.7')]).to.deep.equal([true, true]);
    expect(all('-F MINE', '-A MINE -m conntrack --ctdir REPLY --ctorigdstport 9000 -j DROP')).to.deep.equal([0, 0]);
    expect([open(IP, '10.0.1.7', 9000), open(IP, '10.0.1.7'), from('10.0.1.7', 9000)]).to.deep.equal([
      false,
      true,
      true,
    ]);
    expect(all('-F MINE', '-A MINE -m statistic --mode random --probability 0.3 -j DROP')).to.deep.equal([0, 0]);
    const fate = (luck: number) => filters.fate('10.0.0.2', IP, 8000, () => luck);
    expect([fate(0.2), fate(0.3)]).to.deep.equal(['dropped', 'carried']);
  });

  it('refuses packets, and lets some wait in a queue of their own', () => {
    const { all, filters, run } = started();
    all('-N MINE', '-I INPUT -j MINE', '-A MINE -p tcp --tcp-flags RST RST -j RETURN');
    expect(all('-A MINE -p tcp -j REJECT --reject-with tcp-reset')).to.deep.equal([0]);
    expect(filters.fate('10.0.0.2', IP, 8000, SPARED)).to.equal('refused');
    expect(run('-vS MINE').output).to.contain('-A MINE -p tcp -c 1 60 -j REJECT --reject-with tcp-reset');
    const { queues } = filters.of(IP);
    const queue = (words: string) => tc(queues, `qdisc ${words}`.split(' ')).code;
    const below = 'add dev eth0 parent 1abc:4 handle 2abc: netem delay 200ms limit 10';
    expect([queue(below), queue('add dev eth0 root handle 1abc: prio bands 4')]).to.deep.equal([2, 0]);
    expect([queue(below), queue('add dev eth0 root handle 1def: prio bands 4')]).to.deep.equal([0, 2]);
    expect(all('-t mangle -N MINE', '-t mangle -I OUTPUT -j MINE')).to.deep.equal([0, 0]);
    expect(
      all(
        '-t mangle -A MINE -m conntrack --ctdir REPLY -j CLASSIFY --set-class 1abc:4',
        '-A MINE -j CLASSIFY --set-class 1abc:4',
        '-t mangle -A MINE -j REJECT',
      ),
    ).to.deep.equal([0, 2, 2]);
    const wait = () => [filters.waitMs('10.0.0.2', IP, 8000, SPARED), filters.waitMs(IP, '10.0.0.2', 8000, SPARED)];
    expect(wait()).to.deep.equal([200, 0]);
    expect([queue('del dev eth0 root handle 1def:'), queue('del dev eth0 root handle 1abc:')]).to.deep.equal([2, 0]);
    expect(wait()).to.deep.equal([0, 0]);
  });
});
