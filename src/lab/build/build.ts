import { writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { FaultlineError } from '../../model/errors.ts';
import type { Clock } from '../../model/ports.ts';
import { type BuildProbes, buildNeeds } from '../needs.ts';
import { type PartsFile, PROGRAMS, type ProgramName, partsFile } from '../parts.ts';
import type { LabVersions } from '../versions.ts';
import { labCache } from './cache.ts';
import { type Run, runCommand } from './command.ts';
import { type Host, thisHost } from './host.ts';
import { ARCHIVE } from './image.ts';
import { labImages } from './images.ts';
import { probeBuild } from './probes.ts';
import { runSteps } from './run-steps.ts';
import type { OutputOf, StepName } from './step.ts';
import { labSteps } from './steps.ts';

/** What building the lab takes from its caller. */
type BuildOrder = {
  readonly versions: LabVersions;
  /** How many compilers may work at the same time; undefined leaves it to Go. */
  readonly jobs: number | undefined;
  readonly clock: Clock;
  /** Gets lines for people. */
  readonly say: (line: string) => void;
  /** Ends the build; the next one goes on where it was. */
  readonly signal: AbortSignal;
};

/** The machine that builds. */
export type Machine = {
  readonly env: NodeJS.ProcessEnv;
  readonly probe: (cache: string) => Promise<BuildProbes>;
  readonly run: Run;
  readonly host: Host;
};

const THIS_MACHINE: Machine = { env: process.env, probe: probeBuild, run: runCommand, host: thisHost };

/**
 * Builds all that the lab is made of into the user's cache, and resolves with the file that lists it. Steps whose inputs
 * are as they were are not done again. Rejects with FaultlineError LAB when the machine lacks something or a step fails.
 */
export async function buildLab({ versions, ...order }: BuildOrder, machine: Machine = THIS_MACHINE): Promise<string> {
  const { env, host, run } = machine;
  const cache = labCache(env);
  const go = goOf(await machine.probe(cache), order.say);
  const steps = labSteps(versions, go, host);
  const output = await runSteps(steps, { ...order, cache, run });
  const file = await partsFile(versions, env);
  const folders = steps.map(({ name }) => relative(cache, output(name)));
  const parts = { ...partsOf(versions, host, cache, output), steps: folders };
  await writeFile(file, JSON.stringify(parts, undefined, 2));
  return file;
}

/** The version of Go of a machine that has all that a build needs. */
function goOf(probes: BuildProbes, say: (line: string) => void): string {
  const lacking = buildNeeds(probes).filter((need) => !need.ok);
  for (const { what, detail, fix } of lacking.filter((need) => need.optional)) say(`${what}: ${detail}. ${fix}`);
  const missing = lacking.filter((need) => !need.optional);
  if (missing.length === 0 && probes.go !== undefined) return probes.go;
  const lines = missing.map(({ what, detail }) => `  ${what}: ${detail}`);
  throw new FaultlineError('LAB', `this machine lacks what building the lab needs\n${lines.join('\n')}`, {
    hint: missing.map(({ fix }) => fix).join('\n  '),
  });
}

/** The step that makes each program. */
const MADE_BY: Readonly<Record<ProgramName, StepName>> = {
  'kube-apiserver': 'kubernetes',
  'kube-controller-manager': 'kubernetes',
  'kube-scheduler': 'kubernetes',
  kubelet: 'kubernetes',
  'kube-proxy': 'kubernetes',
  kubectl: 'kubernetes',
  etcd: 'etcd',
  containerd: 'containerd',
  'containerd-shim-runc-v2': 'containerd',
  ctr: 'containerd',
  istioctl: 'istio',
  'kube-router': 'kube-router',
  wan: 'wan',
};

function partsOf(versions: LabVersions, host: Host, cache: string, output: OutputOf): Omit<PartsFile, 'steps'> {
  const within = (step: StepName, file: string): string => relative(cache, join(output(step), file));
  const images = labImages(host).map(({ name, config }): [string, string] => [
    config.reference,
    within(`image-${name}`, ARCHIVE),
  ]);
  return {
    versions,
    programs: Object.fromEntries(PROGRAMS.map((name) => [name, within(MADE_BY[name], name)])),
    images: Object.fromEntries(images),
  };
}
