import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { endWhenTold } from '../app/signals/end-when-told.ts';
import { DEFAULT_TARGET, TARGET_CHOICE } from '../app/targets/names.ts';
import { toolVersion } from '../app/version.ts';
import { EXIT } from '../model/exit.ts';
import { LOCK_NAMESPACE } from '../model/target.ts';
import { parseDuration } from '../model/units.ts';
import { act, outputOption, topologyOption } from './command-parts.ts';
import { failingOutput } from './failing-output.ts';
import { openConsole, reportError } from './output.ts';
import { addLabCommands } from './program-lab.ts';
import { endSoon, neverBlock } from './unread.ts';

const collect = (value: string, all: string[]): string[] => [...all, value];

function wholeSeconds(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is a number of seconds.');
}

function positiveDuration(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw new InvalidArgumentError('It is a duration such as 90s, 30m or 1h.');
}

function wholeRuns(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is a number of runs.');
}

const targetOption = () => new Option('-t, --target <target>', TARGET_CHOICE).default(DEFAULT_TARGET);
const noDeadManOption = () =>
  new Option('--no-dead-man', 'inject into real clusters though nothing puts a fault back if the runner dies');
const outOption = () => new Option('--out <dir>', 'folder for run folders').default('reports');
const setOption = () =>
  new Option('--set <path=value>', 'replace a value of the scenario, for example spec.load.rate=10/s')
    .argParser(collect)
    .default([] as string[], 'none');

const protectedOption = () =>
  new Option('--allow-protected <context>', 'a context that faults may touch although its name says production')
    .argParser(collect)
    .default([] as string[], 'none');

const waitOption = () =>
  new Option(
    '--wait <duration>',
    'how long to wait for another run that holds a cluster, and for hosts that are ejected since, for example 30m',
  ).argParser(positiveDuration);

const expectOption = () =>
  new Option(
    '--expect <verdict>',
    'how it must end: pass, fail, inconclusive, or fail:errorBudget with all that must fail, and nothing else',
  );

/** What is required of many runs. */
const gateOptions = () => [
  new Option('--pass-rate <share>', 'share of runs that must end as expected, for example 0.95'),
  new Option('--recovery <bound>', 'percentile of the recovery time, for example "p95<=5s"'),
  new Option('--errors <share>', 'most bad requests of all runs together, for example "<=0.5%"'),
  new Option('--confidence <share>', 'how sure a decision must be (default: 0.95)'),
  new Option('--max-inconclusive <runs>', 'most runs that may have decided nothing, a number or a share (default: 0)'),
];

function addOptions(command: Command, options: readonly Option[]): Command {
  for (const option of options) command.addOption(option);
  return command;
}

/** The whole command line, as data: help, completion and parsing read it. */
export function program(): Command {
  const root = new Command('faultline')
    .description('Proves that traffic fails over in the right order and within its recovery-time objective.')
    .version(toolVersion(), '--version')
    .showHelpAfterError('Try: faultline --help')
    .exitOverride();
  addScenarioCommands(root);
  addMatrixCommand(root);
  addRunFolderCommands(root);
  addTrendCommands(root);
  addSetupCommands(root);
  for (const command of root.commands) command.exitOverride().copyInheritedSettings(root);
  return root;
}

function addScenarioCommands(root: Command): void {
  root
    .command('validate')
    .description('check scenario and targets files: all problems at once, by line and column')
    .argument('<file...>')
    .addOption(outputOption())
    .action(act(async () => (await import('./commands/validate.ts')).validate));
  root
    .command('lint')
    .description('say what of the mesh will make failover fail, and what mends it; nothing is changed')
    .argument('[file]', 'scenario that narrows it to its services, and whose load and faults are looked at, too')
    .addOption(targetOption())
    .addOption(setOption())
    .addOption(outputOption('sarif'))
    .action(act(async () => (await import('./commands/lint.ts')).lint));
  root
    .command('plan')
    .description('show what a run would touch, by name; nothing is changed')
    .argument('<file>')
    .addOption(targetOption())
    .addOption(setOption())
    .addOption(noDeadManOption())
    .addOption(protectedOption())
    .option(
      '--rbac [subject]',
      'print the roles that the run needs as manifests, bound to User:, Group: or ServiceAccount:',
    )
    .addOption(outputOption())
    .action(act(async () => (await import('./commands/plan.ts')).plan));
  const run = root
    .command('run')
    .description('inject, load, judge, put back, report')
    .argument('<file...>')
    .addOption(targetOption())
    .addOption(outOption())
    .addOption(setOption())
    .addOption(protectedOption())
    .option('-y, --yes', 'do not ask before touching real clusters', false)
    .addOption(noDeadManOption())
    .addOption(waitOption())
    .addOption(expectOption())
    .addOption(
      new Option(
        '--repeat <runs>',
        'so many runs, one after the other; fewer where what is required of them is decided',
      ).argParser(wholeRuns),
    );
  addOptions(run, gateOptions())
    .addOption(outputOption())
    .action(act(async () => (await import('./commands/run.ts')).run));
}

function addMatrixCommand(root: Command): void {
  root
    .command('matrix')
    .description('run a set of scenarios, each in its topology, and write what each topology survives')
    .argument('[path...]', 'scenarios, or folders with them; without any those that faultline brings')
    .addOption(targetOption())
    .addOption(outOption())
    .option('-y, --yes', 'do not ask before touching real clusters', false)
    .addOption(waitOption())
    .addOption(outputOption())
    .action(act(async () => (await import('./commands/matrix.ts')).matrixCommand));
}

function addRunFolderCommands(root: Command): void {
  root
    .command('analyze')
    .description('judge a recorded run again and write its result and reports anew')
    .argument('<run>', 'run folder, for example reports/latest')
    .addOption(expectOption())
    .addOption(outputOption())
    .action(act(async () => (await import('./commands/analyze.ts')).analyzeCommand));
  root
    .command('report')
    .description('write the reports of a run again from its result.json')
    .argument('<run>', 'run folder, for example reports/latest')
    .addOption(outputOption())
    .action(act(async () => (await import('./commands/report.ts')).reportCommand));
  root
    .command('recover')
    .description('undo whatever an earlier run has left, from any machine')
    .option('--run <id>', 'only this run')
    .option('--scan', 'ask the clusters of the target instead of the run folders', false)
    .option('-t, --target <file>', 'targets file whose clusters are asked, too; needed for --scan')
    .option('--accept-current', 'close what somebody else has changed as it stands now', false)
    .addOption(
      new Option(
        '--only <object>',
        'with --accept-current: of this object only, namespace/kind/name, of a kind that nobody can list, or of cluster/name, which is gone for good; may be repeated',
      )
        .argParser(collect)
        .default([] as string[], 'all'),
    )
    .addOption(outOption())
    .addOption(outputOption())
    .action(act(async () => (await import('./commands/recover.ts')).recover));
  root
    .command('dead-man')
    .description('in a pod of a cluster: undo a run there when its runner dies; started by the run itself')
    .requiredOption('--run <id>', 'the run')
    .requiredOption('--cluster <name>', 'what its plans call this cluster')
    .option('--lock-namespace <name>', 'namespace of its lease and plans', LOCK_NAMESPACE)
    .option('--namespaces <names>', 'where it may undo, with commas between; default: those of the targets file')
    .option('--plans <digests>', 'SHA-256 of the plans that the run has made, with commas between')
    .addOption(
      new Option('--after <seconds>', 'when it takes the lease from a run that goes on')
        .argParser(wholeSeconds)
        .makeOptionMandatory(),
    )
    .option('--armed <file>', 'file to write when all that is to be undone may be')
    .option('-t, --target <file>', 'targets file that names the cluster; without it the pod’s service account')
    .action(act(async () => (await import('./commands/dead-man.ts')).deadMan));
}

/** Over many recorded runs. */
function addTrendCommands(root: Command): void {
  const gate = root
    .command('gate')
    .description('decide over many recorded runs: pass rate, percentile of the recovery time, errors added up')
    .argument('<run...>', 'folders with run folders, however deep, or files result.json');
  addOptions(gate, [...gateOptions(), expectOption(), outputOption('markdown', 'junit')]).action(
    act(async () => (await import('./commands/gate.ts')).gateCommand),
  );
  root
    .command('compare')
    .description(
      'say what changed from one run, or many, to another: verdicts, recovery, errors, shares, configuration',
    )
    .argument('<run...>', 'before and now: run folders, folders of them, files result.json or baseline files')
    .option('--baseline <file>', 'what they are compared with, as --save-baseline has written it')
    .option(
      '--save-baseline <file>',
      'keep what a comparison needs, if nothing is worse: a baseline grows by the runs now',
    )
    .addOption(outputOption('markdown'))
    .action(act(async () => (await import('./commands/compare.ts')).compareCommand));
  root
    .command('history')
    .description('write one page over many recorded runs, a badge and their JSON')
    .argument('<run...>', 'folders with run folders, however deep, or files result.json')
    .option('--out <dir>', 'where they are written; else the first folder that is named, or here')
    .addOption(outputOption())
    .action(act(async () => (await import('./commands/history.ts')).historyCommand));
}

function addSetupCommands(root: Command): void {
  root
    .command('doctor')
    .description('say what is missing, and the command that fixes it')
    .argument('[file]', 'scenario whose requests are sent once through every gateway')
    .addOption(targetOption())
    .addOption(outputOption())
    .action(act(async () => (await import('./commands/doctor.ts')).doctor));
  addSandboxCommands(root.command('sandbox').description('an embedded mesh to try scenarios on'));
  addLabCommands(root.command('lab').description('two real clusters with a real mesh on this machine'));
  const k6 = root.command('k6').description('k6 as the load engine, for high rates');
  k6.command('build')
    .description('build k6 with the faultline extension into the cache; prints its path; needs Go')
    .addOption(outputOption())
    .exitOverride()
    .action(act(async () => (await import('./commands/k6.ts')).k6Build));
  k6.command('script')
    .description('write a k6 script to start from, with the module that makes its requests records')
    .argument('[file]', 'where to write it', 'load.ts')
    .addOption(outputOption())
    .exitOverride()
    .action(act(async () => (await import('./commands/k6.ts')).k6Script));
  root
    .command('schema')
    .description('print the JSON Schema for editors')
    .addArgument(new Argument('[kind]', 'of what').choices(['scenario', 'targets', 'result']).default('scenario'))
    .action(act(async () => (await import('./commands/schema.ts')).schema));
  root
    .command('init')
    .description('write a scenario to start from, or one for a service of your own')
    .argument('[file]', 'where to write it', 'scenario.yaml')
    .option('--target <target>', 'look at these clusters, and write it for a service there (reads only)')
    .option('--from-context <names>', 'the same for contexts of a kubeconfig, A,B; writes targets.yaml for them, too')
    .option('--kubeconfig <file>', 'where those are; default: KUBECONFIG, or ~/.kube/config')
    .option('--service <name>', 'which: a name, or namespace/name; without it one that a gateway leads to')
    .addOption(outputOption())
    .action(act(async () => (await import('./commands/init.ts')).init));
  root
    .command('completion')
    .description('print a completion script')
    .addArgument(new Argument('<shell>', 'the shell that it is for').choices(['bash', 'zsh', 'fish']))
    .action(act(async () => (await import('./commands/completion.ts')).completion));
  root
    .command('complete', { hidden: true })
    .argument('[word...]', 'the words behind the name of the program, the last one as far as it is written')
    .action(
      act(async () => {
        const { completeWords } = await import('./commands/completion.ts');
        return (words) => completeWords(words, program());
      }),
    );
}

function addSandboxCommands(sandbox: Command): void {
  sandbox
    .command('up')
    .description('keep a sandbox running; prints its kubeconfig and targets file')
    .option('--dir <dir>', 'where the kubeconfig and the targets file go', '.faultline/sandbox')
    .addOption(topologyOption())
    .addOption(
      new Option('--apply <manifest>', 'apply a manifest, cluster=path for one cluster only')
        .argParser(collect)
        .default([] as string[], 'none'),
    )
    .addOption(
      new Option('--namespace <name>', 'a namespace beside default that faults may touch, for example istio-system')
        .argParser(collect)
        .default([] as string[], 'none'),
    )
    .option('--argo-rollouts', 'install Argo Rollouts, whose kind no API server serves without', false)
    .addOption(outputOption())
    .exitOverride()
    .action(act(async () => (await import('./commands/sandbox.ts')).sandboxUp));
}

/** Runs the command line of this process. */
export async function main(): Promise<void> {
  const streams = [process.stdout, process.stderr];
  failingOutput(process);
  for (const stream of streams) neverBlock(stream);
  // Where nobody listens to it, Node.js opens the port of its debugger to everybody on this machine.
  endWhenTold(['SIGUSR1']);
  await parse();
  endSoon(streams, Number(process.exitCode) > SIGNALLED);
}

/** Codes above are of what a signal has ended. */
const SIGNALLED = 128;

async function parse(): Promise<void> {
  try {
    await program().parseAsync(process.argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT.pass : EXIT.usage;
      return;
    }
    process.exitCode = reportError(openConsole('text'), error);
  }
}
