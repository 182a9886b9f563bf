import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { KINDS } from '../../model/kubernetes.ts';
import { systemClock } from '../../run/system-clock.ts';
import { labNode } from '../testing/clusters.ts';
import { openLabCluster, requireLab } from '../testing/running-lab.ts';
import { namespaceOf } from '../topology.ts';
import { inNamespace } from '../up/network.ts';

const tokyo = openLabCluster('tokyo');
const [near, far] = [labNode('ap-northeast-1a'), labNode('ap-northeast-1b')];
const policy = { ...KINDS.networkPolicy, namespace: 'default', name: 'faultline-labtest' };

/** Lets nobody talk to mockc. */
const DENY = {
  apiVersion: policy.apiVersion,
  kind: policy.kind,
  metadata: { namespace: policy.namespace, name: policy.name },
  spec: { podSelector: { matchLabels: { app: 'mockc' } }, policyTypes: ['Ingress'] },
};

/** A client that answers each line on stdin with what it was told over the connection that it keeps, and over a new one. */
const CLIENT = `
const http = require('node:http');
const host = process.argv[1];
const keeping = new http.Agent({ keepAlive: true, maxSockets: 1 });
const ask = (agent) => new Promise((resolve) => {
  const request = http.get({ host, port: 8000, path: '/', agent, timeout: 2000 }, (response) => {
    response.resume().on('end', () => resolve(response.statusCode));
  });
  request.on('timeout', () => request.destroy(Object.assign(new Error(), { code: 'silence' })));
  request.on('error', (error) => resolve(error.code));
});
require('node:readline').createInterface({ input: process.stdin }).on('line', async () => {
  console.log(JSON.stringify({ kept: await ask(keeping), fresh: await ask(false) }));
});
`;

type Told = { readonly kept: number | string; readonly fresh: number | string };

describe('a NetworkPolicy in the lab', function () {
  this.timeout(120_000);
  let client: ReturnType<typeof startClient>;
  before(async () => {
    requireLab();
    const pods = await tokyo.list(KINDS.pod, { namespace: 'default', labelSelector: `app=mockc,version=${near.zone}` });
    const [status] = pods.map((pod) => pod.status as { podIP: string });
    client = startClient(status?.podIP ?? '');
  });
  after(async () => {
    client.end();
    await tokyo.delete(policy);
  });

  /** On another node than the pod: those of its own node may always talk to it. */
  function startClient(host: string) {
    const [program, ...args] = inNamespace(namespaceOf(far.machine), [process.execPath, '-e', CLIENT, host]);
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const ask = async (): Promise<Told> => {
      child.stdin.write('\n');
      return JSON.parse((await answers.next()).value ?? '');
    };
    return { ask, end: () => child.kill() };
  }

  /** What the client is told when a new connection fares so at last. */
  async function whenFresh(answered: boolean): Promise<Told> {
    for (;;) {
      const told = await client.ask();
      if ((told.fresh === 200) === answered) return told;
      await systemClock.sleep(200);
    }
  }

  it('is enforced for new connections, which it refuses, and has no hold on those that are open', async () => {
    expect(await client.ask()).to.deep.equal({ kept: 200, fresh: 200 });
    await tokyo.create(DENY);
    expect(await whenFresh(false)).to.deep.equal({ kept: 200, fresh: 'ECONNREFUSED' });
  });

  it('is enforced no longer when it is gone', async () => {
    await tokyo.delete(policy);
    expect(await whenFresh(true)).to.deep.equal({ kept: 200, fresh: 200 });
  });
});
