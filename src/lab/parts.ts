import { FaultlineError } from '../model/errors.ts';
import type { LabVersions } from './versions.ts';

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
  'istioctl',
] as const;
export type ProgramName = (typeof PROGRAMS)[number];

/** References of the images, as the lab's manifests name them. */
export const IMAGES = {
  pause: 'lab.local/pause:1',
  coredns: 'lab.local/coredns:1',
  pilot: 'lab.local/pilot:1',
  proxyv2: 'lab.local/proxyv2:1',
  /** Ours, under the name that the manifests of the vendor's page have, so that they hold here as they stand. */
  mock: 'registry-cn-hangzhou.ack.aliyuncs.com/acs/asm-mock:v0.1',
  /** busybox, under the name that the vendor's page breaks a service with. */
  curl: 'registry.cn-hangzhou.aliyuncs.com/acs/curl:8.1.2',
} as const;

/** An image as an OCI archive, for `ctr images import`. */
export type LabImage = { readonly name: string; readonly archive: string };

/** A finished build. All paths are absolute; programs of one upstream project lie in one folder. */
export type LabParts = {
  readonly versions: LabVersions;
  readonly programs: Readonly<Record<ProgramName, string>>;
  readonly images: readonly LabImage[];
};

/** The finished build of these versions in the user's cache. Rejects with FaultlineError LAB that names what is missing. */
export async function labParts(versions: LabVersions): Promise<LabParts> {
  throw new FaultlineError('LAB', `the lab with Kubernetes ${versions.kubernetes} is not built yet`, {
    hint: 'faultline lab build',
  });
}
