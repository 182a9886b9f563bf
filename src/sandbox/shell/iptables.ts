import type { PacketFilter, Rule, Table } from '../nodes/packet-filter.ts';
import type { CommandResult } from './command.ts';
import { isBuiltinTarget, readRule } from './iptables-rule.ts';

const BUILTIN = ['INPUT', 'OUTPUT'];
/** Bytes of a packet in counters: an IP and a TCP header with options. */
const PACKET_BYTES = 60;

const failed = (code: number, why: string): CommandResult => ({ code, output: '', error: `iptables: ${why}\n` });
const done = (output = ''): CommandResult => ({ code: 0, output, error: '' });

type Chains = Map<string, Rule[]>;

/**
 * The part of iptables that the sandbox knows: the tables `filter` and `mangle`, chains INPUT, OUTPUT and one's own, the
 * commands -N -A -I -D -F -X -S, and the rules of `readRule`. Anything else is refused with exit code 2, as a bad command
 * line is.
 */
export function iptables(filter: PacketFilter, args: readonly string[]): CommandResult {
  const words = args.filter((word) => word !== '-w' && word !== '-n');
  const table = words[0] === '-t' ? words[1] : 'filter';
  if (table !== 'filter' && table !== 'mangle') return failed(2, `table "${table}" is not known here`);
  const [command = '', chain = '', ...rest] = words[0] === '-t' ? words.slice(2) : words;
  const chains = filter.tables[table];
  const rules = chains.get(chain);
  if (command === '-N') return newChain(chains, chain);
  if (!/^-(A|I|D|F|X|S|vS)$/.test(command)) return failed(2, `unknown option "${command}"`);
  if (rules === undefined) return failed(1, 'No chain/target/match by that name.');
  switch (command) {
    case '-A':
    case '-I':
      return addRules({ table, chains, rules, chain }, rest, command === '-A' ? rules.length : 0);
    case '-D':
      return removeRule(rules, rest);
    case '-F':
      rules.length = 0;
      return done();
    case '-X':
      return removeChain(chains, chain, rules);
    default:
      return done(shown(chain, rules, command === '-vS'));
  }
}

function newChain(chains: Chains, chain: string): CommandResult {
  if (chains.has(chain)) return failed(1, 'Chain already exists.');
  if (!/^[A-Za-z][\w-]{0,27}$/.test(chain)) return failed(2, `bad chain name "${chain}"`);
  chains.set(chain, []);
  return done();
}

type Place = { readonly table: Table; readonly chains: Chains; readonly rules: Rule[]; readonly chain: string };

/** Several addresses are as many rules (iptables(8), --source). */
function addRules({ table, chains, rules, chain }: Place, words: readonly string[], place: number): CommandResult {
  const added: Rule[] = [];
  for (const one of each(each([words], '-s'), '-d')) {
    const rule = readRule(one, table);
    if (typeof rule === 'string') return failed(2, rule);
    if (!isBuiltinTarget(rule.target) && !chains.has(rule.target)) {
      return failed(2, `Couldn't load target "${rule.target}"`);
    }
    if (rule.target === chain) return failed(1, 'loop');
    added.push(rule);
  }
  rules.splice(place, 0, ...added);
  return done();
}

function each(rules: readonly (readonly string[])[], option: string): (readonly string[])[] {
  return rules.flatMap((words) => {
    const at = words.indexOf(option) + 1;
    return at === 0 || at === words.length ? [words] : (words[at] ?? '').split(',').map((one) => words.with(at, one));
  });
}

function removeRule(rules: Rule[], words: readonly string[]): CommandResult {
  const at = rules.findIndex(({ text }) => text === words.join(' '));
  if (at < 0) return failed(1, 'Bad rule (does a matching rule exist in that chain?).');
  rules.splice(at, 1);
  return done();
}

function removeChain(chains: Chains, chain: string, rules: readonly Rule[]): CommandResult {
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
    return `-A ${chain} ${text.replace(/-j \S+/, (target) => `${counts}${target}`)}`;
  });
  return `${[head, ...lines].join('\n')}\n`;
}
