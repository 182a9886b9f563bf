import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FaultlineError } from '../../model/errors.ts';
import { LAB_VERSIONS, VERSION_MARK } from '../versions.ts';
import { goCommand, goModuleStep } from './go-module.ts';
import type { Step } from './step.ts';

const MODULE = 'k8s.io/kubernetes';

/** The commands of Kubernetes that the lab runs. */
export const KUBERNETES_COMMANDS = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
  'kubectl',
] as const;

/** What of a release's own go.mod (as `go mod edit -json` prints it) a module that builds its commands must repeat. */
type UpstreamModule = {
  readonly Go: string;
  readonly Require: readonly { readonly Path: string; readonly Version: string }[];
};

/**
 * The go.mod that builds the commands of a release. Kubernetes requires its staging modules (k8s.io/api and so on) at
 * v0.0.0 and replaces them by folders that a published module does not hold: here each is replaced by the version that is
 * published with the release, 0.36.3 with 1.36.3. Everything else is left to Go's version selection, which then comes to
 * what the release itself uses.
 */
export function kubernetesGoMod(version: string, upstream: UpstreamModule): string {
  const staging = upstream.Require.filter(({ Version }) => Version === 'v0.0.0').map(({ Path }) => Path);
  if (staging.length === 0) {
    throw new FaultlineError('LAB', `${MODULE}@v${version} has no staging modules at v0.0.0: its layout has changed`, {
      hint: 'Build the lab with another version: faultline lab build --kubernetes VERSION',
    });
  }
  return [
    'module lab/kubernetes',
    `go ${upstream.Go}`,
    `require ${MODULE} v${version}`,
    'tool (',
    ...KUBERNETES_COMMANDS.map((command) => `\t${MODULE}/cmd/${command}`),
    ')',
    'replace (',
    ...staging.map((path) => `\t${path} => ${path} v0.${version.replace(/^1\./, '')}`),
    ')',
    '',
  ].join('\n');
}

/** Linker flags that make the programs say their version, as a release's own build does, and that they are the lab's. */
export function kubernetesLdflags(version: string): string {
  const [major, minor] = version.split('.');
  const values = {
    gitVersion: `v${version}${VERSION_MARK}`,
    gitMajor: major,
    gitMinor: minor,
    gitTreeState: 'clean',
    gitCommit: 'lab',
    buildDate: '2026-01-01T00:00:00Z',
  };
  const packages = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'];
  const set = packages.flatMap((path) => Object.entries(values).map(([name, value]) => `-X ${path}.${name}=${value}`));
  return ['-s -w', ...set].join(' ');
}

/** The steps that build Kubernetes. Only the version that faultline's own pins are for needs no look-up of pins. */
export function kubernetesSteps(version: string, go: string): Step[] {
  const pinned = version === LAB_VERSIONS.kubernetes;
  const build = goModuleStep(
    {
      name: 'kubernetes',
      what: `Kubernetes ${version}`,
      programs: Object.fromEntries(KUBERNETES_COMMANDS.map((command) => [command, `${MODULE}/cmd/${command}`])),
      // Those of a release's own build.
      tags: ['selinux', 'notest', 'grpcnotrace'],
      ldflags: kubernetesLdflags(version),
      ...(pinned ? {} : { folder: (output) => output('kubernetes-pins') }),
    },
    go,
  );
  return pinned ? [build] : [kubernetesPins(version, go), build];
}

/**
 * Finds go.mod and go.sum for a version that faultline has no pins for. The checksums are those of Go's checksum database
 * (GOSUMDB). The two files are also what a new version in src/lab/go/kubernetes begins with.
 */
function kubernetesPins(version: string, go: string): Step {
  return {
    name: 'kubernetes-pins',
    what: `Go modules of Kubernetes ${version}`,
    inputs: async () => ({ version, commands: KUBERNETES_COMMANDS.join(), go }),
    make: async (folder, { run }) => {
      const json = async (...args: string[]) => JSON.parse(await run(goCommand(folder, args))) as unknown;
      const download = (await json('mod', 'download', '-json', `${MODULE}@v${version}`)) as { GoMod: string };
      const upstream = (await json('mod', 'edit', '-json', download.GoMod)) as UpstreamModule;
      await writeFile(join(folder, 'go.mod'), kubernetesGoMod(version, upstream));
      await run(goCommand(folder, ['mod', 'tidy']));
    },
  };
}
