import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openCluster } from '../../kube/kubeconfig.ts';
import { KINDS } from '../../model/kubernetes.ts';
import type { Clock, PodCluster } from '../../model/ports.ts';
import { WrittenLog } from '../api/container-log.ts';
import { asMap, at, mapOf } from '../api/json.ts';
import type { HostedProgram } from './hosted-pods.ts';
import { SandboxUnderTest } from './sandbox-under-test.ts';
import { until } from './until.ts';

const NEVER = new AbortController().signal;
const clock: Clock = { now: () => 0, wall: () => new Date(), sleep: async () => undefined };

/** A program without a process: the spec writes its log and ends it. */
class ScriptedProgram implements HostedProgram {
  readonly log = new WrittenLog();
  readonly ports: Record<number, number>;
  readonly #exit = Promise.withResolvers<number>();
  readonly exited = this.#exit.promise;
  stopped = false;

  constructor(port: number) {
    this.ports = { 6565: port };
  }

  exit(code: number): void {
    this.log.end();
    this.#exit.resolve(code);
  }

  stop(): void {
    this.stopped = true;
    this.exit(137);
  }
}

describe('hosted pods', () => {
  let test: SandboxUnderTest;
  let server: Server;
  let cluster: PodCluster;
  const folder = mkdtempSync(join(tmpdir(), 'faultline-hosted-'));
  const programs = new Map<string, ScriptedProgram>();

  before(async () => {
    server = createServer(async (request, response) => {
      const body = Buffer.concat(await request.toArray());
      const type = request.headers['content-type'] ?? '';
      response
        .writeHead(request.url === '/v1/status' ? 200 : 404)
        .end(`${request.method} ${request.url} ${type} ${body}`);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    test = await SandboxUnderTest.start({
      dialTimeoutMs: 1,
      programs: (pod, where) => {
        if (pod.metadata.labels?.app !== 'k6') return undefined;
        const program = new ScriptedProgram(port);
        programs.set(`${where}/${pod.metadata.name}`, program);
        return Promise.resolve(program);
      },
    });
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, test.sandbox.kubeconfig);
    cluster = openCluster({ name: 'tokyo', region: 'r', kubeconfig, context: 'tokyo', gateways: [] }, clock);
  });
  after(async () => {
    await test?.sandbox.close();
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });

  const status = (name: string) =>
    mapOf(
      asMap(test.store().get({ ...KINDS.pod, namespace: 'default', name }) ?? { ...KINDS.pod, metadata: {} }).status,
    );
  const terminated = (name: string) => at(status(name), 'containerStatuses', 0, 'state', 'terminated');

  /** Creates a pod and waits until its program runs. */
  async function started(name: string, app = 'k6'): Promise<ScriptedProgram> {
    test.store().create({
      ...KINDS.pod,
      metadata: { name, namespace: 'default', labels: { app, k6_cr: 'run', runner: 'true' } },
      spec: { restartPolicy: 'Never', containers: [{ name: 'k6', image: 'grafana/k6:2.2.0', command: ['k6', 'run'] }] },
    });
    await until(`${name} runs`, () => status(name).phase === 'Running');
    const program = programs.get(`tokyo/${name}`);
    if (program === undefined) throw new Error(`nobody asked for the program of ${name}`);
    return program;
  }

  it('shows the log of the program while it runs and after it has ended', async () => {
    const program = await started('followed');
    const lines: string[] = [];
    const where = { namespace: 'default', pod: 'followed', container: 'k6' };
    const following = cluster.podLog(where, (line) => lines.push(line), NEVER);
    program.log.write('one\ntw');
    await until('a line is there', () => lines.length === 1);
    program.log.write('o\nthree');
    program.exit(0);
    await following;
    expect(lines).to.deep.equal(['one', 'two', 'three']);
    await until('the pod has succeeded', () => status('followed').phase === 'Succeeded');
    expect(terminated('followed')).to.include({ exitCode: 0, reason: 'Completed' });
    lines.length = 0;
    await cluster.podLog(where, (line) => lines.push(line), NEVER);
    expect(lines).to.deep.equal(['one', 'two', 'three']);
  });

  it('reaches the port of the program with any method, and no other port', async () => {
    await started('reached');
    expect(await cluster.podProxy('default', 'reached', 6565, '/v1/status')).to.equal('GET /v1/status  ');
    expect(await cluster.podPatch('default', 'reached', 6565, '/v1/status', { paused: false })).to.equal(
      'PATCH /v1/status application/json {"paused":false}',
    );
    const page = (port: number, path: string) => test.page('reached', port, path);
    expect((await page(6565, '/none')).status).to.equal(404);
    expect((await page(6566, '/v1/status')).status).to.equal(503);
    const lift = test.isolate('default', { app: 'k6' });
    expect((await page(6565, '/v1/status')).body).to.contain('i/o timeout');
    lift();
    expect((await page(6565, '/v1/status')).status).to.equal(200);
  });

  it('fails with its program', async () => {
    const program = await started('failing');
    program.exit(107);
    await until('the pod has failed', () => status('failing').phase === 'Failed');
    expect(terminated('failing')).to.include({ exitCode: 107, reason: 'Error' });
    expect(program.stopped).to.equal(false);
  });

  it('ends its program when it is deleted, before and after its end', async () => {
    const running = await started('running');
    const over = await started('over');
    over.exit(0);
    for (const name of ['running', 'over']) await cluster.delete({ ...KINDS.pod, namespace: 'default', name });
    await until('both are gone', () => test.podNames('running').length + test.podNames('over').length === 0);
    await until('both are stopped', () => running.stopped && over.stopped);
    await started('running', 'other');
    expect((await test.page('running', 6565, '/v1/status')).status).to.equal(503);
  });

  it('leaves all other pods what they are', async () => {
    expect(await test.chain('ap-northeast-1a')).to.equal('ap-northeast-1a ap-northeast-1a ap-northeast-1a');
    const [pod = ''] = test.podNames('mocka-ap-northeast-1a');
    const lines: string[] = [];
    const where = { namespace: 'default', pod, container: 'default' };
    const following = cluster.podLog(where, (line) => lines.push(line), NEVER);
    await cluster.delete({ ...KINDS.pod, namespace: 'default', name: pod }, { gracePeriodSeconds: 0 });
    await following;
    expect(lines).to.deep.equal([]);
  });
});
