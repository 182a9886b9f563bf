import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const PROGRAM = fileURLToPath(new URL('./balancer-process.ts', import.meta.url));

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('the balancer of the lab', () => {
  let child: ChildProcess;
  let gateway: Server;
  let entrance: number;

  beforeEach(async () => {
    child = fork(PROGRAM, { execArgv: ['--disable-warning=ExperimentalWarning'] });
    gateway = createServer((socket) => socket.end('hello from the gateway'));
    const to = { host: '127.0.0.1', port: await listening(gateway) };
    const socket = createServer();
    entrance = await listening(socket);
    child.send({ number: 0, to }, socket);
    expect((await once(child, 'message'))[0]).to.deep.equal({ forwarding: 0 });
    socket.close();
  });
  afterEach(() => {
    child.kill('SIGKILL');
    gateway.close();
  });

  it('forwards what comes to a socket that it was handed', async () => {
    expect(await text(connect(entrance, '127.0.0.1'))).to.equal('hello from the gateway');
  });

  it('goes on without the process that has started it', async () => {
    child.disconnect();
    expect(await text(connect(entrance, '127.0.0.1'))).to.equal('hello from the gateway');
  });

  it('says a gateway that is not there by a reset, and takes the next connection', async () => {
    gateway.close();
    await once(gateway, 'close');
    for (const _ of ['this', 'the next']) {
      const [error] = (await once(connect(entrance, '127.0.0.1'), 'error')) as [{ code: string }];
      expect(error.code).to.equal('ECONNRESET');
    }
  });
});
