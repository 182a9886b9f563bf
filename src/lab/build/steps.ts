import type { LabVersions } from '../versions.ts';
import { envoyStep } from './envoy.ts';
import { type GoModule, goModuleStep } from './go-module.ts';
import type { Host } from './host.ts';
import { imageStep } from './image.ts';
import { labImages } from './images.ts';
import { istioStep } from './istio.ts';
import { kubernetesSteps } from './kubernetes.ts';
import type { Step } from './step.ts';

/** All steps of a build in an order in which each finds what it needs, with this version of Go. */
export function labSteps(versions: LabVersions, go: string, host: Host): Step[] {
  return [
    envoyStep(versions.envoy),
    ...kubernetesSteps(versions.kubernetes, go),
    istioStep(versions, go),
    ...plainModules(versions).map((module) => goModuleStep(module, go)),
    ...labImages(host).map(imageStep),
  ];
}

const CONTAINERD = 'github.com/containerd/containerd/v2/cmd';

function plainModules({ etcd, containerd, coredns, kubeRouter }: LabVersions): GoModule[] {
  return [
    { name: 'etcd', what: `etcd ${etcd}`, programs: { etcd: 'go.etcd.io/etcd/server/v3' } },
    {
      name: 'containerd',
      what: `containerd ${containerd}`,
      programs: {
        containerd: `${CONTAINERD}/containerd`,
        'containerd-shim-runc-v2': `${CONTAINERD}/containerd-shim-runc-v2`,
        ctr: `${CONTAINERD}/ctr`,
      },
      tags: ['no_btrfs', 'no_devmapper', 'no_zfs'],
    },
    { name: 'coredns', what: `CoreDNS ${coredns}`, programs: { coredns: 'github.com/coredns/coredns' } },
    {
      name: 'kube-router',
      what: `kube-router ${kubeRouter}`,
      programs: { 'kube-router': 'github.com/cloudnativelabs/kube-router/v2/cmd/kube-router' },
    },
    { name: 'mock', what: 'the mock service', programs: { mock: '.' } },
    { name: 'wan', what: 'the way between the regions', programs: { wan: '.' } },
    { name: 'pause', what: 'what holds a pod together', programs: { pause: '.' } },
  ];
}
