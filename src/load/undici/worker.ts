import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import { openRecordFile } from '../record-writer.ts';
import type { WorkerCommand, WorkerInput, WorkerMessage } from './messages.ts';
import { Session } from './session.ts';

/** The worker thread of the undici engine: a session behind two messages. */
async function run(port: MessagePort, input: WorkerInput): Promise<void> {
  const tell = (message: WorkerMessage) => port.postMessage(message);
  const session = new Session(input, await openRecordFile(input.file), {
    pulse: (view) => tell({ type: 'progress', view }),
    stall: (stall) => tell({ type: 'stall', stall }),
  });
  port.on('message', (command: WorkerCommand) => {
    if (command.type === 'headers') return session.change(command.change);
    session
      .stop()
      .then((summary) => tell({ type: 'done', view: session.view(), summary }))
      .catch((error: unknown) => tell({ ...failed(error), view: session.view() }))
      .finally(() => port.close());
  });
  tell({ type: 'ready', view: session.view() });
}

function failed(error: unknown): WorkerMessage & { type: 'failed' } {
  const hint = error instanceof FaultlineError ? error.hint : undefined;
  return { type: 'failed', message: messageOf(error), ...(hint === undefined ? {} : { hint }) };
}

if (parentPort !== null) {
  const port = parentPort;
  run(port, workerData as WorkerInput).catch((error: unknown) => {
    port.postMessage(failed(error));
    port.close();
  });
}
