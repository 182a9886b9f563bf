import { join } from 'node:path';
import { IMAGES } from '../parts.ts';
import { busyboxFiles } from './busybox.ts';
import type { Host } from './host.ts';
import type { Image, ImageFile } from './image.ts';
import { iptablesFiles } from './iptables.ts';
import { proxyImage } from './proxy-image.ts';
import type { StepName } from './step.ts';

/** All images of the lab. */
export function labImages(host: Host): Image[] {
  return [
    oneProgram('pause', IMAGES.pause, 'pause'),
    {
      ...oneProgram('mock', IMAGES.mock, 'mock'),
      files: async (output) => [program('mock', output('mock')), ...busyboxFiles(host)],
    },
    oneProgram('coredns', IMAGES.coredns, 'coredns'),
    {
      name: 'curl',
      config: { reference: IMAGES.curl, entrypoint: ['/bin/sh'] },
      files: async () => busyboxFiles(host),
    },
    {
      name: 'netshoot',
      config: { reference: IMAGES.netshoot, entrypoint: ['/bin/sh'] },
      files: async () => [...busyboxFiles(host), ...(await iptablesFiles(host)), { path: '/run', folder: true }],
    },
    {
      name: 'pilot',
      config: { reference: IMAGES.pilot, entrypoint: ['/usr/local/bin/pilot-discovery'], user: '1337:1337' },
      files: async (output) => [
        { path: '/usr/local/bin/pilot-discovery', from: join(output('istio'), 'pilot-discovery') },
        { path: '/etc/passwd', text: 'istio-proxy:x:1337:1337::/:/bin/false\n', mode: 0o644 },
        { path: '/tmp', folder: true, mode: 0o1777 },
      ],
    },
    proxyImage(host),
  ];
}

/** An image of nothing but a static program. */
function oneProgram(name: string, reference: string, step: StepName): Image {
  return {
    name,
    config: { reference, entrypoint: [`/${name}`] },
    files: async (output) => [program(name, output(step))],
  };
}

const program = (name: string, folder: string): ImageFile => ({ path: `/${name}`, from: join(folder, name) });
