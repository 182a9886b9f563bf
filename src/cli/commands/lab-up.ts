import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { grantPlanned } from '../../app/drill/grant-planned.ts';
import { packageFile, shippedScenario } from '../../app/package-files.ts';
import { signalOf, stopOnSignals } from '../../app/signals/signals.ts';
import { startNeeds } from '../../lab/needs.ts';
import { labParts } from '../../lab/parts.ts';
import { accessOf, type LabAccess } from '../../lab/up/access.ts';
import { labDown } from '../../lab/up/down.ts';
import { alone } from '../../lab/up/lock.ts';
import { otherThan } from '../../lab/up/other-lab.ts';
import { probeStart, prometheusProgram } from '../../lab/up/probes.ts';
import type { PrometheusParts } from '../../lab/up/prometheus.ts';
import { runningTopology } from '../../lab/up/running-topology.ts';
import { runningVersions } from '../../lab/up/running-versions.ts';
import { LAB_FOLDER } from '../../lab/up/state.ts';
import { type ClusterStatus, type LabStatus, labCondition, labStatus, type Usage } from '../../lab/up/status.ts';
import { labUp } from '../../lab/up/up.ts';
import type { Wan } from '../../lab/up/wan.ts';
import { type LabVersions, labVersions, type VersionOverrides } from '../../lab/versions.ts';
import { FaultlineError } from '../../model/errors.ts';
import { EXIT, exitCode } from '../../model/exit.ts';
import { repeatCommand, shellQuoted } from '../../model/shell.ts';
import { formatDuration } from '../../model/units.ts';
import { systemClock } from '../../run/system-clock.ts';
import { DEFAULT_TOPOLOGY, type NamedTopology, topologyNamed } from '../../topologies/index.ts';
import { type Console, type OutputOption, openConsole, reportError } from '../output.ts';

/** `faultline lab up`: starts the lab, which goes on afterwards; exit 3 where that is not possible. */
export async function labUpCommand(
  _args: readonly string[],
  { output, topology: name, ...overrides }: VersionOverrides & OutputOption & { readonly topology: string },
): Promise<number> {
  const out = openConsole(output);
  try {
    const order = { topology: topologyNamed(name), versions: labVersions(overrides) };
    return labCondition(LAB_FOLDER).kind === 'up' ? upAlready(out, order) : await start(out, order);
  } catch (error) {
    return reportError(out, error, EXIT.refused);
  }
}

/** What a lab is to be. */
type Order = { readonly topology: NamedTopology; readonly versions: LabVersions };

async function start(out: Console, { topology, versions }: Order): Promise<number> {
  const signals = stopOnSignals(() => out.say('Taking down already.'));
  try {
    const began = systemClock.now();
    const seconds = () => ((systemClock.now() - began) / 1_000_000).toFixed(1).padStart(5);
    const say = (text: string) => out.say(`${seconds()} s  ${text}`);
    const parts = await labParts(versions);
    const cni = await required();
    const prometheus = prometheusParts();
    const options = {
      folder: LAB_FOLDER,
      topology,
      parts,
      cniFolder: cni,
      prometheus,
      clock: systemClock,
      signal: signals.stop,
      say,
    };
    const access = await alone(() => labUp(options));
    const flagship = packageFile(join('scenarios', firstScenario(topology)));
    if (flagship !== undefined) await grantPlanned(flagship);
    say(`the lab is up (${topology.name}), until faultline lab down`);
    if (topology.clusters.some(({ kubernetes, istio }) => (kubernetes ?? istio) !== undefined)) {
      say(`Kubernetes ${versions.kubernetes} and Istio ${versions.istio} are those of the lab in every cluster`);
    }
    tellAccess(out, topology, access);
    return EXIT.pass;
  } catch (error) {
    const signal = signalOf(signals.stop);
    if (signal === undefined) throw error;
    out.say('Stopped; nothing of the lab is left.');
    return exitCode({ status: 'interrupted', verdict: 'inconclusive', putBack: true, signal });
  } finally {
    signals.release();
  }
}

/** The machine's Prometheus with the vendor page's alert; undefined where it has none. */
function prometheusParts(): PrometheusParts | undefined {
  const program = prometheusProgram();
  const rules = packageFile('scenarios/alerts/host-level-circuit-breaking.yaml');
  if (program === undefined || rules === undefined) return undefined;
  const suffix = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const discovery = fileURLToPath(new URL(`../../app/targets/lab-scraped-process.${suffix}`, import.meta.url));
  return { program, rules, discovery };
}

/** Exit 3 when what is up is made of something else than what was asked for. */
function upAlready(out: Console, { topology, versions }: Order): number {
  const running = { topology: runningTopology(LAB_FOLDER).name, versions: runningVersions(LAB_FOLDER) };
  const other = otherThan(running, { topology: topology.name, versions });
  out.say('The lab is up already.');
  if (other !== undefined) {
    out.say(`But ${other}. For another one: faultline lab down, then up.`);
    return EXIT.refused;
  }
  tellAccess(out, topology, accessOf(LAB_FOLDER));
  return EXIT.pass;
}

/** Throws LAB that names all that the machine lacks; returns the folder of the CNI plug-ins. */
async function required(): Promise<string> {
  const probes = await probeStart();
  const missing = startNeeds(probes).filter(({ ok, optional }) => !ok && !optional);
  if (missing.length === 0 && probes.cni !== undefined) return probes.cni;
  const lines = missing.map(({ what, detail, fix }) => `  ${what}: ${detail}. ${fix ?? ''}`);
  throw new FaultlineError('LAB', `this machine cannot run the lab:\n${lines.join('\n')}`, {
    hint: 'faultline doctor --target lab',
  });
}

/** What comes first on a lab of this topology, in the folder of scenarios. */
function firstScenario({ name }: NamedTopology): string {
  return name === DEFAULT_TOPOLOGY.name ? 'service-failover.yaml' : join('topologies', name, 'service.yaml');
}

function tellAccess(out: Console, topology: NamedTopology, { kubeconfig, targets, drill }: LabAccess): void {
  if (out.json) {
    out.data(JSON.stringify({ kubeconfig, targets, drill: { targets: drill.targets } }));
    return;
  }
  out.data(`export KUBECONFIG=${shellQuoted(kubeconfig)}`);
  const scenario = shippedScenario(firstScenario(topology));
  out.data(repeatCommand(scenario, targets, []));
  out.say('With no more than the permissions that plan lists for it:');
  out.data(repeatCommand(scenario, drill.targets, []));
}

/** `faultline lab down`: takes down whatever a lab has left on this machine. */
export async function labDownCommand(_args: readonly string[], { output }: OutputOption): Promise<number> {
  const out = openConsole(output);
  try {
    const found = await alone(() => labDown(LAB_FOLDER, systemClock));
    if (out.json) out.data(JSON.stringify({ removed: found }));
    else out.data(found ? 'Nothing of the lab is left.' : 'There is no lab.');
    return EXIT.pass;
  } catch (error) {
    return reportError(out, error, EXIT.undoIncomplete);
  }
}

/** `faultline lab status`: exit 0 when the lab is up, else 3. */
export async function labStatusCommand(_args: readonly string[], { output }: OutputOption): Promise<number> {
  const out = openConsole(output);
  const condition = labCondition(LAB_FOLDER);
  const down = condition.kind === 'down';
  const status = down ? undefined : await labStatus(LAB_FOLDER, systemClock);
  const versions = condition.kind === 'up' ? runningVersions(LAB_FOLDER) : undefined;
  if (out.json) out.data(JSON.stringify({ condition, versions, ...status }, null, 2));
  else {
    out.data(
      `lab: ${condition.kind}${condition.kind === 'broken' ? ` (${condition.reason}); faultline lab heal starts again what has ended, faultline lab up the whole lab` : ''}`,
    );
    if (versions !== undefined) out.data(versionsLine(versions));
    for (const line of status === undefined ? [] : statusLines(status)) out.data(line);
  }
  return condition.kind === 'up' ? EXIT.pass : EXIT.refused;
}

function versionsLine(versions: LabVersions): string {
  return `built from: ${Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')}`;
}

function statusLines({ topology, clusters, usage, wan }: LabStatus): string[] {
  return [`topology: ${topology}`, ...clusters.map(clusterLine), `in all: ${usageText(usage)}${wanText(wan)}`];
}

const GIB = 1024 ** 3;

function clusterLine({ name, kubernetes, nodes, pods, usage }: ClusterStatus): string {
  return `${name}: Kubernetes ${kubernetes}; nodes: ${nodes}; pods: ${pods.running} of ${pods.all} running; ${usageText(usage)}`;
}

function usageText({ processes, memoryBytes, cores }: Usage): string {
  return `${processes} processes, ${(memoryBytes / GIB).toFixed(1)} GiB, ${cores.toFixed(2)} cores`;
}

function wanText({ delayMs, loss }: Wan): string {
  if (delayMs === 0 && loss === 0) return '';
  return `; between the regions: ${formatDuration(delayMs)} longer, ${Number((loss * 100).toFixed(6))}% lost`;
}
