import { createServer, type Server } from 'node:net';
import { FaultlineError } from '../../model/errors.ts';

/** Abstract sockets: the kernel gives them up with the process, however that ends, and they are no files. */
const NAME = '\0faultline-lab';
const RUN_NAME = '\0faultline-lab-run';

/** Does something that no two processes may do at a time on this machine. Rejects with LAB while another one does. */
export async function alone<T>(action: () => Promise<T>, name: string = NAME): Promise<T> {
  const lock = await hold(name, 'another faultline is starting the lab, changing it or taking it down');
  try {
    return await action();
  } finally {
    lock.close();
  }
}

/** Keeps the running lab for one run; resolves to what lets it go. Rejects with LAB while another run has it. */
export async function holdForRun(name: string = RUN_NAME): Promise<() => void> {
  const lock = await hold(name, 'another run has the lab');
  return () => lock.close();
}

function hold(name: string, what: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new FaultlineError('LAB', what, {
          hint: 'Wait until it has finished.',
          cause,
        }),
      ),
    );
    server.listen({ path: name }, () => resolve(server.unref()));
  });
}
