import { join } from 'node:path';
import { IMAGES } from '../parts.ts';
import { busyboxFiles } from './busybox.ts';
import type { Host } from './host.ts';
import type { Image, ImageFile } from './image.ts';
import { iptablesFiles } from './iptables.ts';
import { BOOTSTRAP } from './istio.ts';

/** The user that Istio runs its proxy as, and whose traffic iptables leaves alone. */
const PROXY_USER = 1337;

/**
 * What Istio's own proxyv2 image is for sidecars and gateways: Envoy, pilot-agent, and iptables for the init container.
 * Envoy is the stock one and knows none of Istio's own filters.
 */
export function proxyImage(host: Host): Image {
  return {
    name: 'proxyv2',
    config: {
      reference: IMAGES.proxyv2,
      entrypoint: ['/usr/local/bin/pilot-agent'],
      env: { ISTIO_META_ISTIO_PROXY_SHA: 'upstream' },
    },
    files: async (output) => {
      const envoy = join(output('envoy'), 'envoy');
      return [
        { path: '/usr/local/bin/envoy', from: envoy },
        { path: '/usr/local/bin/pilot-agent', from: join(output('istio'), 'pilot-agent') },
        ...(await iptablesFiles(host, [envoy])),
        ...busyboxFiles(host),
        ...ownedFiles(join(output('istio'), BOOTSTRAP)),
      ];
    },
  };
}

function ownedFiles(bootstrap: string): ImageFile[] {
  const own = (path: string): ImageFile => ({ path, folder: true, owner: PROXY_USER });
  const users = `root:x:0:0::/:/bin/sh\nistio-proxy:x:${PROXY_USER}:${PROXY_USER}::/:/bin/sh\n`;
  return [
    { path: '/etc/passwd', text: users, mode: 0o644 },
    { path: '/etc/group', text: `root:x:0:\nistio-proxy:x:${PROXY_USER}:\n`, mode: 0o644 },
    { path: '/run', folder: true },
    { path: '/tmp', folder: true, mode: 0o1777 },
    own('/etc/istio/proxy'),
    own('/var/lib/istio'),
    own('/var/lib/istio/envoy'),
    { path: '/var/lib/istio/envoy/envoy_bootstrap_tmpl.json', from: bootstrap, owner: PROXY_USER, mode: 0o644 },
  ];
}
