import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabVersions } from '../versions.ts';
import { folderOf, type GoModule, goCommand, goInputs, goPrograms } from './go-module.ts';
import type { Step } from './step.ts';

/** The template that pilot-agent makes Envoy's configuration from; it lies beside the programs. */
export const BOOTSTRAP = 'envoy_bootstrap.json';

/** Istio's control plane, the agent beside each Envoy, and istioctl. */
export function istioStep({ istio }: LabVersions, go: string): Step {
  const module: GoModule = {
    name: 'istio',
    what: `Istio ${istio}`,
    programs: {
      'pilot-discovery': 'istio.io/istio/pilot/cmd/pilot-discovery',
      'pilot-agent': 'istio.io/istio/pilot/cmd/pilot-agent',
      istioctl: 'istio.io/istio/istioctl/cmd/istioctl',
    },
    tags: ['vtprotobuf', 'disable_pgv'],
  };
  return {
    name: module.name,
    what: `${module.what}: ${Object.keys(module.programs).join(', ')}`,
    inputs: (output) => goInputs(module, go, output),
    make: async (folder, tools, output) => {
      const json = await tools.run(goCommand(folderOf(module, output), ['mod', 'download', '-json', 'istio.io/istio']));
      const source = (JSON.parse(json) as { Dir: string }).Dir;
      await copyFile(join(source, 'tools/packaging/common', BOOTSTRAP), join(folder, BOOTSTRAP));
      const ldflags = istioLdflags(await readFile(join(source, 'VERSION'), 'utf8'), istio);
      await goPrograms({ ...module, ldflags }, folder, tools, output);
    },
  };
}

/** Linker flags that make the programs say their version as Istio's own development builds do: `1.31-alpha.<commit>`. */
export function istioLdflags(line: string, moduleVersion: string): string {
  const commit = moduleVersion.split('-').at(-1);
  const path = 'istio.io/istio/pkg/version';
  return `-s -w -X ${path}.buildVersion=${line.trim()}-alpha.${commit} -X ${path}.buildGitRevision=${commit}`;
}
