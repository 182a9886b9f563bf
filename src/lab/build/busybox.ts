import type { Host } from './host.ts';
import type { ImageFile } from './image.ts';

/** busybox with the commands that people type into a pod. */
export function busyboxFiles(host: Host): ImageFile[] {
  const commands = ['sh', 'cat', 'date', 'ip', 'kill', 'ls', 'nc', 'ps', 'sleep', 'true', 'wget'];
  return [
    { path: '/bin/busybox', from: host.busybox },
    ...commands.map((command): ImageFile => ({ path: `/bin/${command}`, to: 'busybox' })),
  ];
}
