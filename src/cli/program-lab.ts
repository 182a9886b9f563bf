import { Argument, type Command, Option } from 'commander';
import { LAB_FAULTS } from '../lab/fault-kinds.ts';
import { act, outputOption, topologyOption } from './command-parts.ts';

const KUBERNETES = new Option('--kubernetes <version>', 'another Kubernetes, for example 1.35.4');
const ENVOY = new Option('--envoy <version>', 'another Envoy, for example 1.39.3');

/** The commands below `lab`. */
export function addLabCommands(lab: Command): void {
  lab
    .command('build')
    .description('build Kubernetes, Istio and all else that the lab is made of into the cache; needs Go')
    .addOption(KUBERNETES)
    .addOption(ENVOY)
    .option('--jobs <number>', 'how many compilers may work at the same time')
    .addOption(outputOption())
    .exitOverride()
    .action(act(async () => (await import('./commands/lab.ts')).labBuild));
  lab
    .command('prune')
    .description('remove builds from the cache that neither this faultline nor a running lab is made of')
    .addOption(outputOption())
    .exitOverride()
    .action(act(async () => (await import('./commands/lab.ts')).labPrune));
  lab
    .command('up')
    .description('start its clusters, their mesh and its services; needs root; prints kubeconfig and targets file')
    .addOption(topologyOption())
    .addOption(KUBERNETES)
    .addOption(ENVOY)
    .addOption(outputOption())
    .exitOverride()
    .action(act(async () => (await import('./commands/lab-up.ts')).labUpCommand));
  lab
    .command('status')
    .description('say what of the lab runs, and what it takes of the machine')
    .addOption(outputOption())
    .exitOverride()
    .action(act(async () => (await import('./commands/lab-up.ts')).labStatusCommand));
  lab
    .command('down')
    .description('remove whatever a lab has left on this machine')
    .addOption(outputOption())
    .exitOverride()
    .action(act(async () => (await import('./commands/lab-up.ts')).labDownCommand));
  lab
    .command('grant')
    .description("give the lab's user drill the permissions that plan lists for a scenario, and no others")
    .argument('<file>', 'scenario file')
    .addOption(outputOption())
    .exitOverride()
    .action(act(async () => (await import('./commands/lab-grant.ts')).labGrant));
  lab
    .command('fault')
    .description('do to the lab what no API can; it holds until lab heal')
    .addArgument(new Argument('<kind>', 'what to do').choices(LAB_FAULTS))
    .argument(
      '<name>',
      'zone or cluster for cut-link, zone for kill-node (where two clusters have it, its node); how much for delay (40ms) and loss (2%); else a cluster',
    )
    .addOption(outputOption())
    .exitOverride()
    .action(act(async () => (await import('./commands/lab-fault.ts')).labFault));
  lab
    .command('heal')
    .description('end every fault of lab fault')
    .addOption(outputOption())
    .exitOverride()
    .action(act(async () => (await import('./commands/lab-fault.ts')).labHeal));
}
