import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FaultlineError } from '../model/errors.ts';
import { labCache, readJson } from './build/cache.ts';
import { ISTIO_TAG, LAB_VERSIONS, type LabVersions } from './versions.ts';

/** Programs that run on the machine itself, outside of any pod. */
export const PROGRAMS = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
  'kubectl',
  'etcd',
  'containerd',
  'containerd-shim-runc-v2',
  'ctr',
  'kube-router',
  'wan',
  'istioctl',
] as const;
export type ProgramName = (typeof PROGRAMS)[number];

/** References of the images, as the lab's manifests name them. */
export const IMAGES = {
  pause: 'lab.local/pause:1',
  coredns: 'lab.local/coredns:1',
  // Their tag tells which Istio this is, as it does everywhere.
  pilot: `lab.local/pilot:${ISTIO_TAG}`,
  proxyv2: `lab.local/proxyv2:${ISTIO_TAG}`,
  /** Ours, under the name that the manifests of the vendor's page have, so that they hold here as they stand. */
  mock: 'registry-cn-hangzhou.ack.aliyuncs.com/acs/asm-mock:v0.1',
  /** busybox, under the name that the vendor's page breaks a service with. */
  curl: 'registry.cn-hangzhou.aliyuncs.com/acs/curl:8.1.2',
  /** busybox and iptables, under the name that the fault which silences a zone asks for where a scenario names no other image. */
  netshoot: 'docker.io/nicolaka/netshoot:v0.13',
} as const;

/** An image as an OCI archive, for `ctr images import`. */
type LabImage = { readonly name: string; readonly archive: string };

/** A finished build. All paths are absolute; programs of one upstream project lie in one folder. */
export type LabParts = {
  readonly versions: LabVersions;
  readonly programs: Readonly<Record<ProgramName, string>>;
  readonly images: readonly LabImage[];
};

/** What a finished build says of itself: paths within the cache, by the name of the program or the image. */
export type PartsFile = {
  readonly versions: LabVersions;
  readonly programs: Readonly<Record<string, string>>;
  readonly images: Readonly<Record<string, string>>;
  /** Folders of all its steps. */
  readonly steps: readonly string[];
};

/**
 * The file that a finished build of these versions leaves in the user's cache. Its name changes with the sources of this
 * folder, so that no build is taken for that of another faultline.
 */
export async function partsFile(versions: LabVersions, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(versions));
  for (const file of await sources()) hash.update(`${file}\0`).update(await readFile(join(HERE, file)));
  return join(labCache(env), `parts-${hash.digest('hex').slice(0, 16)}.json`);
}

const HERE = dirname(fileURLToPath(import.meta.url));

async function sources(): Promise<string[]> {
  const folders = ['build', 'go'].map(async (folder) => {
    const names = await readdir(join(HERE, folder), { recursive: true });
    return names.map((name) => join(folder, name)).filter((name) => SOURCE.test(name) && !name.includes('testing'));
  });
  return (await Promise.all(folders)).flat().sort();
}

const SOURCE = /(?<!\.test|_test|\.d)\.(ts|js|go|mod|sum)$/;

/** What the finished build of these versions says of itself. Rejects with FaultlineError LAB where there is none. */
export async function readParts(versions: LabVersions, env: NodeJS.ProcessEnv = process.env): Promise<PartsFile> {
  const parts = await readJson<PartsFile>(await partsFile(versions, env));
  if (parts !== undefined) return parts;
  throw notBuilt(versions, `this version of faultline has no build of it in ${labCache(env)}`);
}

/**
 * The finished build of these versions in the user's cache. Rejects with FaultlineError LAB that names what is missing
 * and the command that makes it.
 */
export async function labParts(
  versions: LabVersions = LAB_VERSIONS,
  env: NodeJS.ProcessEnv = process.env,
): Promise<LabParts> {
  const cache = labCache(env);
  const { programs, images } = await readParts(versions, env);
  const at = (name: string, path: string | undefined): string => {
    if (path === undefined || !existsSync(join(cache, path))) throw notBuilt(versions, `${name} is missing`);
    return join(cache, path);
  };
  const found = PROGRAMS.map((name) => [name, at(name, programs[name])] as const);
  return {
    versions,
    programs: Object.fromEntries(found) as Record<ProgramName, string>,
    images: Object.values(IMAGES).map((name) => ({ name, archive: at(`the image ${name}`, images[name]) })),
  };
}

/** Says how to build exactly these versions. */
function notBuilt({ kubernetes, envoy }: LabVersions, what: string): FaultlineError {
  const asked = [
    ...(kubernetes === LAB_VERSIONS.kubernetes ? [] : ['--kubernetes', kubernetes]),
    ...(envoy === LAB_VERSIONS.envoy ? [] : ['--envoy', envoy]),
  ];
  return new FaultlineError('LAB', `the lab with Kubernetes ${kubernetes} and Envoy ${envoy} cannot start: ${what}`, {
    hint: ['faultline lab build', ...asked].join(' '),
  });
}
