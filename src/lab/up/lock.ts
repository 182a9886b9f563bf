import { createServer, type Server } from 'node:net';
import { FaultlineError } from '../../model/errors.ts';

/** An abstract socket: the kernel gives it up with the process, however that ends, and it is no file. */
const NAME = '\0faultline-lab';

/** Does something that no two processes may do at a time on this machine. Rejects with LAB while another one does. */
export async function alone<T>(action: () => Promise<T>, name: string = NAME): Promise<T> {
  const lock = await hold(name);
  try {
    return await action();
  } finally {
    lock.close();
  }
}

function hold(name: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new FaultlineError('LAB', 'another faultline is starting the lab, changing it or taking it down', {
          hint: 'Wait until it has finished.',
          cause,
        }),
      ),
    );
    server.listen({ path: name }, () => resolve(server.unref()));
  });
}
