/** Where the shell of the container keeps its process ID: PID 1 is another's where the pod's containers share processes. */
const PID_FILE = '/faultline.pid';
/** Where it keeps the process ID of its wait until it is told to begin, and says that it has. */
const WAIT_FILE = '/faultline.wait';
const BEGUN_FILE = '/faultline.begun';
const LOG = '/dev/termination-log';

/** For so long a container waits to be told to begin; then it ends and has done nothing. In seconds. */
export const WAIT_SECONDS = 60;

/**
 * The command that tells a container to begin. It fails until the container has; repeated, it does nothing. No clock is asked: only a run
 * that may still write tells it, so one whose image has come long after the undo does nothing, whatever time its node has.
 */
export const BEGIN_COMMAND: readonly string[] = ['sh', '-c', `read pid < ${WAIT_FILE} && kill $pid; cat ${BEGUN_FILE}`];

/** The script of a container that ends when it is told to, and begins what `lines` begin when it is told to: later never. */
export function whenTold(lines: readonly string[], seconds: number): string {
  return [
    "trap 'exit 0' TERM",
    `echo $$ > ${PID_FILE}`,
    `sleep ${WAIT_SECONDS} &`,
    `echo $! > ${WAIT_FILE}`,
    // A sleep that nobody has ended says 0.
    'wait $! && exit 0',
    `echo > ${WAIT_FILE}`,
    ...lines,
    `echo on > ${BEGUN_FILE}`,
    `sleep ${seconds} &`,
    'wait $!',
  ].join('\n');
}

/** Whether a container that runs this script does nothing until it is told to: those of older versions began by themselves. */
export function waitsToBegin(script: string): boolean {
  return script.includes(WAIT_FILE);
}

/** Exit code of a container whose node or image cannot do what it is for; it has written no rule. */
export const UNABLE = 5;
/** How the container ends when none of its rules is left: told so or at its deadline, and when they could not be set. */
export const CLEAN_EXITS: readonly number[] = [0, 3, UNABLE];

/** A tool of one family of addresses. */
export type Tool = {
  readonly name: 'iptables' | 'ip6tables';
  readonly ip: string;
  /** Where Istio sends what its sidecar is to take: on the way there it still seems to leave by the pod's interface. */
  readonly redirected: string;
  /** Stands for a gateway that is not there. */
  readonly nobody: string;
  /** Which addresses are of the family. */
  readonly is: RegExp;
};

const TOOLS: readonly Tool[] = [
  { name: 'iptables', ip: 'ip -4', redirected: '127.0.0.1', nobody: '0.0.0.0', is: /\./ },
  { name: 'ip6tables', ip: 'ip -6', redirected: '::1', nobody: '::', is: /:/ },
];

/** A chain of our own, which nobody else uses, at the head of chains that every packet of the pod comes through. */
export type Chain = {
  readonly name: string;
  readonly table?: 'mangle';
  readonly hooks: readonly ('INPUT' | 'OUTPUT')[];
  /** Its rules as the tool of a family takes them, without the name of the chain. */
  readonly rules: (tool: Tool) => readonly string[];
};

/** What the script of one pod's container does. */
type Work = {
  readonly chains: readonly Chain[];
  readonly seconds: number;
  readonly hasIPv6: boolean;
  /** What must have worked before the first rule is written, and what takes it away again if it is ours; each a command. */
  readonly first?: readonly string[];
  readonly last?: readonly string[];
};

/**
 * The container's script. It writes its chains when it is told to, waits, and takes them out again when the shell ends, for whatever reason but
 * SIGKILL; their counters become the termination message. `$3` is the pod's
 * default gateway while rules are written, and `$5` the interface to it.
 */
export function scriptOf({ chains, seconds, hasIPv6, first = [], last = [] }: Work): string {
  const tools = TOOLS.slice(0, hasIPv6 ? 2 : 1);
  const each = tools.flatMap((tool) => chains.map((chain) => ({ tool, chain })));
  const end = [
    ...each.flatMap(({ tool, chain }) => endOf(tool, chain)),
    ...last,
    // One that is still there is told by the exit code.
    ...each.map(({ tool, chain }) => `${call(tool, chain)} -S ${chain.name} && exit 4`),
  ];
  const begin = [
    `trap '\n${end.join('\n')}\n' EXIT`,
    ...(first.length === 0 ? [] : ['set -- $(ip -4 route show default)']),
    ...first.map((command) => `${command} || exit ${UNABLE}`),
    ...tools.flatMap((tool) => [
      `set -- $(${tool.ip} route show default)`,
      `${chains.flatMap((chain) => writeOf(tool, chain)).join(' &&\n')} || exit 3`,
    ]),
    'echo the rules are on',
  ];
  return whenTold(begin, seconds);
}

function call({ name }: Tool, { table }: Chain): string {
  return table === undefined ? `${name} -w` : `${name} -w -t ${table}`;
}

function writeOf(tool: Tool, chain: Chain): string[] {
  const { name, hooks } = chain;
  return [
    `-N ${name}`,
    ...chain.rules(tool).map((rule) => `-A ${name} ${rule}`),
    ...hooks.map((hook) => `-I ${hook} -j ${name}`),
  ].map((words) => `${call(tool, chain)} ${words}`);
}

/** Takes out nothing but what refers to our chain. */
function endOf(tool: Tool, chain: Chain): string[] {
  const { name, hooks } = chain;
  const own = call(tool, chain);
  return [
    `${own} -vS ${name} >> ${LOG}`,
    ...hooks.map((hook) => `${own} -D ${hook} -j ${name}`),
    `${own} -F ${name}`,
    `${own} -X ${name}`,
  ];
}

/** The command that ends the container from another process of it. */
export const END_COMMAND: readonly string[] = ['sh', '-c', `read pid < ${PID_FILE} && kill $pid`];

/** The command that shows the rules of chains with their counters, and fails where one is not there. */
export function showCommand(chains: readonly Chain[], hasIPv6: boolean): string[] {
  const each = TOOLS.slice(0, hasIPv6 ? 2 : 1).flatMap((tool) => chains.map((chain) => ({ tool, chain })));
  return ['sh', '-c', each.map(({ tool, chain }) => `${call(tool, chain)} -vS ${chain.name}`).join(' && ')];
}

/** The command that adds to chains, which are there, what their rules hit; what they spare stands there already. */
export function addCommand(chains: readonly Chain[], hasIPv6: boolean): string[] {
  const lines = TOOLS.slice(0, hasIPv6 ? 2 : 1).flatMap((tool) =>
    chains.flatMap((chain) => {
      const hitting = chain.rules(tool).filter((rule) => !rule.endsWith('-j RETURN'));
      return hitting.map((rule) => `${call(tool, chain)} -A ${chain.name} ${rule}`);
    }),
  );
  return ['sh', '-c', lines.join(' && ')];
}

/** How many packets the rules have met so far, from what iptables shows of them; undefined where it shows none. */
export function countedIn(text: string): number | undefined {
  const counts = [...text.matchAll(/^-A .*?-c (\d+) \d+ -j (?:DROP|REJECT|CLASSIFY)\b.*$/gm)].map(([, packets]) =>
    Number(packets),
  );
  return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0);
}
