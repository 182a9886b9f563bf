import type { Host } from './host.ts';
import type { ImageFile } from './image.ts';

/** The names that iptables is called by; the program behind all of them acts on its name. */
const IPTABLES = ['iptables', 'ip6tables'].flatMap((tool) =>
  ['', '-nft'].flatMap((kind) => ['', '-save', '-restore'].map((act) => `${tool}${kind}${act}`)),
);

/** iptables with its extensions, and the libraries that it and these other programs need. */
export async function iptablesFiles(host: Host, programs: readonly string[] = []): Promise<ImageFile[]> {
  const extensions = await host.xtablesExtensions();
  const libraries = await host.libraries([...programs, host.xtables, ...extensions]);
  return [
    { path: '/usr/sbin/xtables-nft-multi', from: host.xtables },
    ...[...extensions, ...libraries].map((path): ImageFile => ({ path, from: path })),
    ...IPTABLES.map((name): ImageFile => ({ path: `/usr/sbin/${name}`, to: 'xtables-nft-multi' })),
  ];
}
