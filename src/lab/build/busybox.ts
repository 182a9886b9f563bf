import { HOST_FILES } from './host.ts';
import type { ImageFile } from './image.ts';

/** busybox with the commands that people type into a pod. */
export function busybox(): ImageFile[] {
  const commands = ['sh', 'cat', 'kill', 'ls', 'nc', 'ps', 'sleep', 'wget'];
  return [
    { path: '/bin/busybox', from: HOST_FILES.busybox },
    ...commands.map((command): ImageFile => ({ path: `/bin/${command}`, to: 'busybox' })),
  ];
}
