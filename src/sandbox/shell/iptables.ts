import type { Match, PacketFilter, Rule } from '../nodes/packet-filter.ts';
import type { CommandResult } from './command.ts';

const BUILTIN = ['INPUT', 'OUTPUT'];
/** Bytes of a packet in counters: an IP and a TCP header with options. */
const PACKET_BYTES = 60;

const failed = (code: number, why: string): CommandResult => ({ code, output: '', error: `iptables: ${why}\n` });
const done = (output = ''): CommandResult => ({ code: 0, output, error: '' });

/**
 * The part of iptables that the sandbox knows: the table `filter`, chains INPUT, OUTPUT and one's own, the commands
 * -N -A -I -D -F -X -S, the matches -s and -d with one address, -p tcp with --sport and --dport, -i lo and -o lo, and the
 * targets DROP, ACCEPT, RETURN and a chain. Anything else is refused with exit code 2, as a bad command line is.
 */
export function iptables(filter: PacketFilter, args: readonly string[]): CommandResult {
  const words = args.filter((word) => word !== '-w' && word !== '-n');
  const [command = '', chain = '', ...rest] = words;
  const rules = filter.chains.get(chain);
  if (command === '-N') return newChain(filter, chain);
  if (!/^-(A|I|D|F|X|S|vS)$/.test(command)) return failed(2, `unknown option "${command}"`);
  if (rules === undefined) return failed(1, 'No chain/target/match by that name.');
  switch (command) {
    case '-A':
    case '-I':
      return addRule(filter, rules, chain, rest, command === '-A' ? rules.length : 0);
    case '-D':
      return removeRule(rules, rest);
    case '-F':
      rules.length = 0;
      return done();
    case '-X':
      return removeChain(filter, chain, rules);
    default:
      return done(shown(chain, rules, command === '-vS'));
  }
}

function newChain(filter: PacketFilter, chain: string): CommandResult {
  if (filter.chains.has(chain)) return failed(1, 'Chain already exists.');
  if (!/^[A-Za-z][\w-]{0,27}$/.test(chain)) return failed(2, `bad chain name "${chain}"`);
  filter.chains.set(chain, []);
  return done();
}

function addRule(
  filter: PacketFilter,
  rules: Rule[],
  chain: string,
  words: readonly string[],
  place: number,
): CommandResult {
  const rule = readRule(words);
  if (typeof rule === 'string') return failed(2, rule);
  if (!['DROP', 'ACCEPT', 'RETURN'].includes(rule.target) && !filter.chains.has(rule.target)) {
    return failed(2, `Couldn't load target "${rule.target}"`);
  }
  if (rule.target === chain) return failed(1, 'loop');
  rules.splice(place, 0, rule);
  return done();
}

function removeRule(rules: Rule[], words: readonly string[]): CommandResult {
  const at = rules.findIndex(({ text }) => text === words.join(' '));
  if (at < 0) return failed(1, 'Bad rule (does a matching rule exist in that chain?).');
  rules.splice(at, 1);
  return done();
}

function removeChain({ chains }: PacketFilter, chain: string, rules: readonly Rule[]): CommandResult {
  const isUsed = [...chains.values()].some((others) => others.some(({ target }) => target === chain));
  if (BUILTIN.includes(chain) || isUsed) return failed(1, 'Too many links.');
  if (rules.length > 0) return failed(1, 'Directory not empty.');
  chains.delete(chain);
  return done();
}

function shown(chain: string, rules: readonly Rule[], counters: boolean): string {
  const head = BUILTIN.includes(chain) ? `-P ${chain} ACCEPT` : `-N ${chain}`;
  const lines = rules.map(({ text, packets }) => {
    const counts = counters ? `-c ${packets} ${packets * PACKET_BYTES} ` : '';
    return `-A ${chain} ${text.replace(/-j \S+$/, (target) => `${counts}${target}`)}`;
  });
  return `${[head, ...lines].join('\n')}\n`;
}

/** Reads a rule, or says why it is none. */
function readRule(words: readonly string[]): Rule | string {
  let match: Match = {};
  let target = '';
  for (let at = 0; at < words.length; at += 2) {
    const [option = '', value = ''] = words.slice(at, at + 2);
    if (value === '') return `option "${option}" requires an argument`;
    if (option === '-j') target = value;
    else {
      const more = matchOf(option, value);
      if (more === undefined) return `unknown option "${option} ${value}"`;
      match = { ...match, ...more };
    }
  }
  if (target === '') return 'no target';
  return { match, target, packets: 0, text: words.join(' ') };
}

function matchOf(option: string, value: string): Match | undefined {
  switch (option) {
    case '-s':
      return { source: value };
    case '-d':
      return { destination: value };
    case '--sport':
      return { sport: Number(value) };
    case '--dport':
      return { dport: Number(value) };
    case '-p':
      return value === 'tcp' ? {} : undefined;
    case '-i':
    case '-o':
      return value === 'lo' ? { loopback: true } : undefined;
    default:
      return undefined;
  }
}
