import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect } from 'chai';
import type { RunResult } from '../model/result.ts';
import { longDrill } from './testing/drill.ts';
import { type GrpcApi, grpcApi } from './testing/grpc-api.ts';
import { faultline, type LiveSandbox, liveSandbox, settings } from './testing/live-sandbox.ts';

const EXAMPLE = resolve('scenarios/examples/grpc-health.yaml');

/** Short, and for a machine that many specs share. */
const SET = [
  'spec.load.rate=20/s',
  'spec.load.timeout=8s',
  'spec.load.good.latency=6s',
  'spec.phases.baseline=2s',
  'spec.phases.hold=3s',
  'spec.phases.recover=1s',
];

describe('a service of gRPC: scenarios/examples/grpc-health.yaml', function () {
  this.timeout(180_000);
  const apis: GrpcApi[] = [];
  let live: LiveSandbox;

  before(async () => {
    live = await liveSandbox();
    const text = readFileSync(live.targets, 'utf8');
    for (const [, host = '', port = ''] of text.matchAll(/address: "?([\d.]+):(\d+)/g))
      apis.push(await grpcApi({ host, port: Number(port) }));
  });
  after(async () => {
    await Promise.all(apis.map((api) => api.close()));
    await live.close();
  });

  longDrill('is asked over HTTP/2, judged by its status, and its error says what the mesh has said', async () => {
    let next = 0;
    const targets = join(dirname(live.targets), 'grpc.yaml');
    const text = readFileSync(live.targets, 'utf8');
    writeFileSync(
      targets,
      text.replace(/address: .*$/gm, () => `address: "http://127.0.0.1:${apis[next++]?.port}"`),
    );
    const args = ['run', EXAMPLE, '--yes', '--out', live.out, '--target', targets, ...settings(SET)];
    const { stdout, stderr } = await faultline(...args);
    const latest = join(live.out, 'latest');
    const result = JSON.parse(readFileSync(join(latest, 'result.json'), 'utf8')) as RunResult;
    const findings = new Map(result.findings.map(({ id, verdict }) => [id, verdict]));
    expect(findings.get('steadyState/good'), stdout + stderr).to.equal('pass');
    const calls = new Set(apis.flatMap((api) => [...api.calls]));
    // A frame of 16 bytes: field 1, which is a text of 14.
    const message = `00000000100a0e${Buffer.from('shop.v1.Orders').toString('hex')}`;
    expect([...calls]).to.deep.equal([`/grpc.health.v1.Health/Check ${message}`]);
    const causes = result.budget.groups.map(({ cause, text: words }) => `${cause}: ${words}`);
    expect(causes.join('\n'), stdout).to.match(/^wrong content: gRPC UNAVAILABLE: .*upstream connect error/m);
    const hit = result.recoveries.find(({ path }) => path === 'health@tokyo/ap-northeast-1a');
    expect(hit?.firstBad, stdout).to.not.equal(undefined);
    expect(readFileSync(join(latest, 'report.html'), 'utf8')).to.contain('(HTTP/2 without TLS)');
  });
});
