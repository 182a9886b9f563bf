/** Where the shell of the container keeps its process ID: PID 1 is another's where the pod's containers share processes. */
const PID_FILE = '/faultline.pid';

/** How the container ends when none of its rules is left: told so or at its deadline, and when they could not be set. */
export const CLEAN_EXITS: readonly number[] = [0, 3];

/** What the rules of one pod are made of. */
type Cut = {
  /** Name of the chain, which nobody else uses. */
  readonly chain: string;
  readonly seconds: number;
  /** A container that starts later does nothing: its image may come long after the undo. In seconds since 1970. */
  readonly notAfter: number;
  readonly hasIPv6: boolean;
  /** Addresses of the pod's node, from which the kubelet probes the pod; the default gateway may be another one. */
  readonly nodes: readonly string[];
  /** Ports that the kubelet probes. */
  readonly probed: readonly number[];
};

type Tool = {
  readonly name: string;
  readonly ip: string;
  /** Where Istio sends what its sidecar is to take: on the way there it still seems to leave by the pod's interface. */
  readonly redirected: string;
  /** Stands for a gateway that is not there. */
  readonly nobody: string;
  readonly is: RegExp;
};

const TOOLS: readonly Tool[] = [
  { name: 'iptables', ip: 'ip -4', redirected: '127.0.0.1', nobody: '0.0.0.0', is: /\./ },
  { name: 'ip6tables', ip: 'ip -6', redirected: '::1', nobody: '::', is: /:/ },
];

/**
 * The container's script. A chain of our own at the head of INPUT and OUTPUT drops every packet that comes from outside of
 * the pod or goes there, whatever connection it is of: Istio's redirects are in the table nat, which comes before. What
 * stays inside the pod goes on, and so do the probes of its own node, as in a lost zone, which keeps its kubelets. The
 * chain goes when the shell ends, for whatever reason but SIGKILL, and its counters become the termination message.
 */
export function cutScript(cut: Cut): string {
  const tools = TOOLS.slice(0, cut.hasIPv6 ? 2 : 1);
  return [
    `test "$(date +%s)" -lt ${cut.notAfter} || exit 0`,
    `echo $$ > ${PID_FILE}`,
    "trap 'exit 0' TERM",
    `trap '\n${tools.flatMap((tool) => endOf(tool, cut.chain)).join('\n')}\n' EXIT`,
    ...tools.flatMap((tool) => [
      `set -- $(${tool.ip} route show default)`,
      `${rulesOf(tool, cut)
        .map((rule) => `${tool.name} -w ${rule}`)
        .join(' &&\n')} || exit 3`,
    ]),
    'echo cut off',
    `sleep ${cut.seconds} &`,
    'wait $!',
  ].join('\n');
}

function rulesOf(tool: Tool, { chain, nodes, probed }: Cut): string[] {
  const peers = [...nodes.filter((node) => tool.is.test(node)), `\${3:-${tool.nobody}}`];
  const probes = probed.flatMap((port) =>
    peers.flatMap((peer) => [
      `-A ${chain} -s ${peer} -p tcp --dport ${port} -j RETURN`,
      `-A ${chain} -d ${peer} -p tcp --sport ${port} -j RETURN`,
    ]),
  );
  return [
    `-N ${chain}`,
    `-A ${chain} -i lo -j RETURN`,
    `-A ${chain} -o lo -j RETURN`,
    `-A ${chain} -d ${tool.redirected} -j RETURN`,
    ...probes,
    `-A ${chain} -j DROP`,
    `-I INPUT -j ${chain}`,
    `-I OUTPUT -j ${chain}`,
  ];
}

/** Takes out nothing but what refers to our chain; one that is still there afterwards is told by the exit code. */
function endOf({ name }: Tool, chain: string): string[] {
  return [
    `${name} -w -vS ${chain} >> /dev/termination-log`,
    `${name} -w -D INPUT -j ${chain}`,
    `${name} -w -D OUTPUT -j ${chain}`,
    `${name} -w -F ${chain}`,
    `${name} -w -X ${chain}`,
    `${name} -w -S ${chain} && exit 4`,
  ];
}

/** The command that ends the container from another process of it. */
export const END_COMMAND: readonly string[] = ['sh', '-c', `read pid < ${PID_FILE} && kill $pid`];

/** The command that shows the rules with their counters. */
export function showCommand(chain: string): string[] {
  return ['iptables', '-w', '-vS', chain];
}

/** How many packets the rules have dropped so far, from what iptables shows of them; undefined where it shows none. */
export function droppedIn(text: string): number | undefined {
  const counts = [...text.matchAll(/^-A \S+ -c (\d+) \d+ -j DROP$/gm)].map(([, packets]) => Number(packets));
  return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0);
}
