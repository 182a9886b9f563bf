import { BlockList, isIPv4 } from 'node:net';
import type { Packet, Rule, Table } from '../nodes/packet-filter.ts';

type Matcher = (packet: Packet) => boolean;

/** Where the matches and targets of a rule may be. */
const TARGETS: Readonly<Record<string, readonly Table[]>> = {
  ACCEPT: ['filter', 'mangle'],
  DROP: ['filter', 'mangle'],
  RETURN: ['filter', 'mangle'],
  REJECT: ['filter'],
  CLASSIFY: ['mangle'],
};
const NONE: Matcher = () => false;

/**
 * Reads the words of a rule, or says why they are none. The parts that the sandbox knows: -s and -d with one address or
 * range, -p tcp and udp with --sport, --dport and --tcp-flags, -i lo and -o lo, -m conntrack with --ctdir and
 * --ctorigdstport, -m statistic by chance, and the targets DROP, ACCEPT, RETURN, REJECT, CLASSIFY and a chain. The sandbox
 * has no packets that stay inside a pod, and none that only reset.
 */
export function readRule(words: readonly string[], table: Table): Rule | string {
  const read: Read = { matchers: [], share: 1, target: '', modules: new Set(), protocol: undefined, queue: undefined };
  for (let at = 0; at < words.length; at += 2) {
    const [option = '', value = ''] = words.slice(at, at + 2);
    if (value === '') return `option "${option}" requires an argument`;
    if (option === '--tcp-flags') at += 1;
    const why = readOption(read, option, value);
    if (why !== undefined) return why;
  }
  const { matchers, share, target, queue } = read;
  if (target === '') return 'no target';
  const where = TARGETS[target];
  if (where !== undefined && !where.includes(table)) return `${target}: only valid in table ${where.join()}`;
  if ((target === 'CLASSIFY') !== (queue !== undefined)) return 'CLASSIFY and --set-class go together';
  const matches = (packet: Packet): boolean => matchers.every((matcher) => matcher(packet));
  return { matches, share, target, packets: 0, text: words.join(' '), ...(queue === undefined ? {} : { queue }) };
}

/** Whether a target is one of iptables' own. */
export function isBuiltinTarget(target: string): boolean {
  return Object.hasOwn(TARGETS, target);
}

type Read = {
  readonly matchers: Matcher[];
  share: number;
  target: string;
  readonly modules: Set<string>;
  protocol: string | undefined;
  queue: string | undefined;
};

/** What an option adds to a rule; says why where it is unknown, or not known here. */
function readOption(read: Read, option: string, value: string): string | undefined {
  const unknown = `unknown option "${option} ${value}"`;
  const { matchers, modules } = read;
  switch (option) {
    case '-j':
      read.target = value;
      return undefined;
    case '-m':
      modules.add(value);
      return ['conntrack', 'statistic', 'tcp', 'udp'].includes(value) ? undefined : unknown;
    case '-p':
      read.protocol = value;
      matchers.push(({ protocol }) => protocol === value);
      return value === 'tcp' || value === 'udp' ? undefined : unknown;
    case '-s':
    case '-d': {
      const range = rangeOf(value);
      if (range === undefined) return unknown;
      matchers.push((packet) => range(option === '-s' ? packet.from : packet.to));
      return undefined;
    }
    case '-i':
    case '-o':
      matchers.push(NONE);
      return value === 'lo' ? undefined : unknown;
    default:
      return readModuleOption(read, option, value, unknown);
  }
}

function readModuleOption(read: Read, option: string, value: string, unknown: string): string | undefined {
  const { matchers, modules, protocol, target } = read;
  const add = (matcher: Matcher, isThere: boolean): string | undefined => {
    matchers.push(matcher);
    return isThere ? undefined : unknown;
  };
  switch (option) {
    case '--sport':
      return add(({ sport }) => sport === Number(value), protocol !== undefined);
    case '--dport':
      return add(({ dport }) => dport === Number(value), protocol !== undefined);
    case '--tcp-flags':
      return add(NONE, protocol === 'tcp');
    case '--ctdir':
      return add(({ answers }) => answers === (value === 'REPLY'), modules.has('conntrack'));
    case '--ctorigdstport':
      return add(({ called }) => called === Number(value), modules.has('conntrack'));
    case '--mode':
      return modules.has('statistic') && value === 'random' ? undefined : unknown;
    case '--probability':
      read.share = Number(value);
      return modules.has('statistic') && read.share >= 0 && read.share <= 1 ? undefined : unknown;
    case '--reject-with':
      return target === 'REJECT' && (value !== 'tcp-reset' || protocol === 'tcp') ? undefined : unknown;
    case '--set-class':
      read.queue = value;
      return undefined;
    default:
      return unknown;
  }
}

/** Whether an address is in a range; undefined where that is none. */
function rangeOf(text: string): ((ip: string) => boolean) | undefined {
  const [address = '', bits = '32'] = text.split('/');
  if (!isIPv4(address) || !/^\d{1,2}$/.test(bits) || Number(bits) > 32) return undefined;
  if (bits === '32') return (ip) => ip === address;
  const list = new BlockList();
  list.addSubnet(address, Number(bits));
  return (ip) => isIPv4(ip) && list.check(ip);
}
