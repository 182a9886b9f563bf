import { expect } from 'chai';
import type { Chain, Tool } from '../in-pod/script.ts';
import { chainsOf, type Match, type PodRules } from './rules.ts';

const V4: Tool = { name: 'iptables', ip: 'ip -4', redirected: '127.0.0.1', nobody: '0.0.0.0', is: /\./ };
const V6: Tool = { name: 'ip6tables', ip: 'ip -6', redirected: '::1', nobody: '::', is: /:/ };
const ALL: Match = { calls: 'both', peers: null, port: null };

function rules(match: Partial<Match>, more: Partial<PodRules> = {}): PodRules {
  const own = {
    chain: 'FAULTLINE-x',
    effect: { kind: 'drop' },
    tracked: true,
    probes: { nodes: [], ports: [] },
  } as const;
  return { ...own, matches: [{ ...ALL, ...match }], ...more };
}

/** What is asked and done at each hook, without what is spared. */
function told(of: PodRules, tool = V4): Record<string, string[]> {
  const acting = ({ rules: made }: Chain) => made(tool).filter((rule) => !rule.endsWith('-j RETURN'));
  return Object.fromEntries(chainsOf(of).map((chain) => [chain.hooks.join(), acting(chain)]));
}

describe('rules of packets', () => {
  it('drop everything where nothing narrows, after what is spared', () => {
    const [input, output] = chainsOf(rules({}, { probes: { nodes: ['10.9.9.1', 'fd00::1'], ports: [8000] } }));
    expect([input?.name, input?.hooks, output?.name, output?.hooks]).to.deep.equal([
      'FAULTLINE-x-I',
      ['INPUT'],
      'FAULTLINE-x-O',
      ['OUTPUT'],
    ]);
    const gateway = `\${3:-0.0.0.0}`;
    expect(input?.rules(V4)).to.deep.equal([
      '-i lo -j RETURN',
      '-s 10.9.9.1 -p tcp --dport 8000 -j RETURN',
      `-s ${gateway} -p tcp --dport 8000 -j RETURN`,
      '-j DROP',
    ]);
    expect(output?.rules(V4)).to.deep.equal([
      '-o lo -j RETURN',
      '-d 127.0.0.1 -j RETURN',
      '-d 10.9.9.1 -p tcp --sport 8000 -j RETURN',
      `-d ${gateway} -p tcp --sport 8000 -j RETURN`,
      '-j DROP',
    ]);
  });

  it('tell who has called by what the kernel has followed, both ways of a call', () => {
    expect(told(rules({ calls: 'in', port: 8000, peers: ['10.0.0.1', '10.1.0.0/16'] }))).to.deep.equal({
      INPUT: ['-s 10.0.0.1,10.1.0.0/16 -m conntrack --ctdir ORIGINAL --ctorigdstport 8000 -j DROP'],
      OUTPUT: ['-d 10.0.0.1,10.1.0.0/16 -m conntrack --ctdir REPLY --ctorigdstport 8000 -j DROP'],
    });
    expect(told(rules({ calls: 'out' }))).to.deep.equal({
      INPUT: ['-m conntrack --ctdir REPLY -j DROP'],
      OUTPUT: ['-m conntrack --ctdir ORIGINAL -j DROP'],
    });
  });

  it('tell who has called by the port alone where connections are not followed, and never guess', () => {
    const untracked = { tracked: false };
    expect(told(rules({ calls: 'out', port: 53 }, untracked))).to.deep.equal({
      INPUT: ['-p tcp --sport 53 -j DROP', '-p udp --sport 53 -j DROP'],
      OUTPUT: ['-p tcp --dport 53 -j DROP', '-p udp --dport 53 -j DROP'],
    });
    expect(told(rules({ port: 8000 }, untracked)).INPUT).to.deep.equal([
      '-p tcp --dport 8000 -j DROP',
      '-p udp --dport 8000 -j DROP',
      '-p tcp --sport 8000 -j DROP',
      '-p udp --sport 8000 -j DROP',
    ]);
    expect(told(rules({}, untracked)).INPUT).to.deep.equal(['-j DROP']);
    for (const calls of ['in', 'out'] as const) expect(() => told(rules({ calls }, untracked))).to.throw(TypeError);
  });

  it('never get wider for want of an address: each family has the ends of its own, or none', () => {
    const mixed = rules({ peers: ['10.0.0.1', 'fd00::1'] });
    expect([told(mixed).INPUT, told(mixed, V6).INPUT]).to.deep.equal([['-s 10.0.0.1 -j DROP'], ['-s fd00::1 -j DROP']]);
    expect(told(rules({ peers: ['fd00::1'] }))).to.deep.equal({ INPUT: [], OUTPUT: [] });
    expect(told(rules({ peers: [] }))).to.deep.equal({ INPUT: [], OUTPUT: [] });
  });

  it('refuse who calls and let the reset out', () => {
    const refuse = { effect: { kind: 'refuse' } } as const;
    expect(told(rules({ calls: 'in', port: 8000 }, refuse))).to.deep.equal({
      INPUT: [
        '-m conntrack --ctdir ORIGINAL --ctorigdstport 8000 -p tcp -j REJECT --reject-with tcp-reset',
        '-m conntrack --ctdir ORIGINAL --ctorigdstport 8000 -j REJECT',
      ],
      OUTPUT: [],
    });
    expect(told(rules({ calls: 'out', port: 53 }, { ...refuse, tracked: false })).OUTPUT).to.deep.equal([
      '-p tcp --dport 53 -j REJECT --reject-with tcp-reset',
      '-p udp --dport 53 -j REJECT',
    ]);
    for (const chain of chainsOf(rules({}, refuse))) {
      const all = chain.rules(V4);
      const [reset, first] = [
        all.indexOf('-p tcp --tcp-flags RST RST -j RETURN'),
        all.findIndex((one) => /REJECT/.test(one)),
      ];
      expect([reset >= 0, reset < first]).to.deep.equal([true, true]);
    }
  });

  it('come before what is spared where packets inside the pod are meant: answers vanish, or who asks is refused', () => {
    const dns = { calls: 'out', port: 53, inside: true } as const;
    const [input, output] = chainsOf(rules(dns)).map((chain) => chain.rules(V4));
    expect(input).to.deep.equal(['-m conntrack --ctdir REPLY --ctorigdstport 53 -j DROP', '-i lo -j RETURN']);
    expect(output).to.deep.equal(['-o lo -j RETURN', '-d 127.0.0.1 -j RETURN']);
    const refused = chainsOf(rules(dns, { tracked: false, effect: { kind: 'refuse' } })).map((chain) =>
      chain.rules(V4),
    );
    expect(refused[1]?.slice(0, 2)).to.deep.equal([
      '-p tcp --dport 53 -j REJECT --reject-with tcp-reset',
      '-p udp --dport 53 -j REJECT',
    ]);
    expect(refused[0]).to.deep.equal(['-i lo -j RETURN', '-p tcp --tcp-flags RST RST -j RETURN']);
  });

  it('lose a share by chance', () => {
    const loss = (ratio: number) => told(rules({}, { effect: { kind: 'loss', ratio } })).INPUT;
    expect(loss(0.2)).to.deep.equal(['-m statistic --mode random --probability 0.2 -j DROP']);
    expect(loss(0.000001)).to.deep.equal(['-m statistic --mode random --probability 0.000001 -j DROP']);
  });

  it('put what waits into a queue of their own, where packets leave', () => {
    const [chain, more] = chainsOf(rules({ calls: 'in', port: 8000 }, { effect: { kind: 'delay', ms: 200 } }));
    expect([chain?.table, chain?.hooks, more]).to.deep.equal(['mangle', ['OUTPUT'], undefined]);
    expect(chain?.rules(V4).at(-1)).to.match(
      /^-m conntrack --ctdir REPLY --ctorigdstport 8000 -j CLASSIFY --set-class 1[0-9a-f]{3}:4$/,
    );
  });
});
