import { expect } from 'chai';
import type { JsonMap } from '../api/json.ts';
import { callOf, environmentOf, isUnknownImage, portNumber, portsOf, preStopSeconds, programOf } from './container.ts';

const MOCK = 'registry-cn-hangzhou.ack.aliyuncs.com/acs/asm-mock:v0.1';

describe('containers', () => {
  const cases: readonly (readonly [string, JsonMap])[] = [
    ['mock', { image: MOCK }],
    ['mock', { image: MOCK, args: ['-v'] }],
    ['idle', { image: MOCK, command: ['sleep', '3600'] }],
    ['idle', { image: 'registry.cn-hangzhou.aliyuncs.com/acs/curl:8.1.2', command: ['sleep', '3600'] }],
    ['idle', { image: 'nginx' }],
    ['done', { image: 'example/curl:1', command: ['true'] }],
    [
      'caller',
      { image: 'example/curl:1', command: ['sh', '-c', 'while true; do curl -s http://mocka:8000/; sleep 1; done'] },
    ],
    ['idle', { image: 'example/curl:1', command: ['sh', '-c', 'curl -s http://mocka:8000/; sleep 3600'] }],
    ['gateway', { image: 'docker.io/istio/proxyv2:1.30.3' }],
    ['gateway', { image: 'auto' }],
    ['istiod', { image: 'docker.io/istio/pilot:1.30.3' }],
    ['crash', { image: 'example/crash:1' }],
    ['crash', { image: MOCK, command: ['/bin/false'] }],
    ['crash', { image: 'busybox', command: ['sh', '-c', 'echo no; exit 1'] }],
  ];
  for (const [program, container] of cases) {
    it(`run ${program} for ${JSON.stringify(container)}`, () => {
      expect(programOf(container)).to.equal(program);
    });
  }

  it('are of an unknown image only where they run what that brings', () => {
    const unknown = cases.filter(([, container]) => isUnknownImage(container));
    expect(unknown.map(([, { image }]) => image)).to.deep.equal(['nginx']);
  });

  it('tell whom they call, and how often', () => {
    const loop = (script: string) => callOf({ command: ['sh', '-c', script] });
    expect(loop('while true; do curl -s -o /dev/null http://mocka:8000/mock; sleep 0.5; done')).to.deep.equal({
      url: 'http://mocka:8000/mock',
      everyMs: 500,
    });
    expect(loop('curl http://mocka:8000/mock')).to.equal(undefined);
  });

  it('tell their environment, ports and preStop sleep', () => {
    const container = {
      env: [{ name: 'app', value: 'mocka' }],
      ports: [{ name: 'http', containerPort: 9000 }],
      lifecycle: { preStop: { sleep: { seconds: 2 } } },
    };
    expect(environmentOf(container)).to.deep.equal({ app: 'mocka' });
    expect(portsOf(container)).to.deep.equal([9000]);
    expect(portsOf({})).to.deep.equal([8000]);
    expect(portNumber(container, 'http')).to.equal(9000);
    expect(portNumber(container, 1234)).to.equal(1234);
    expect(preStopSeconds(container)).to.equal(2);
    expect(preStopSeconds({})).to.equal(0);
  });
});
