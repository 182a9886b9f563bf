import type { Server, ServerResponse } from 'node:http';
import { expect } from 'chai';
import { type Host, newHost } from '../../mesh/host.ts';
import type { AttemptOutcome } from '../../mesh/outcome.ts';
import { createSignal } from '../api/signal.ts';
import { type AddressPlan, claimAddresses } from '../nodes/addresses.ts';
import type { Network } from '../nodes/network.ts';
import type { Fate } from '../nodes/packet-filter.ts';
import { type HttpRequest, PEER_HEADER } from '../programs/http.ts';
import { meshServer } from '../programs/http-server.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { until } from '../testing/until.ts';
import { Passage, type PassingPod } from './passage.ts';
import { Tunnels } from './tunnels.ts';

const REQUEST: HttpRequest = { method: 'GET', path: '/', host: 'mockb:8000', headers: {} };
const PATIENT = new AbortController().signal;
const [CALLER, ADDRESS, GATEWAY] = ['10.0.0.9', '10.9.0.2', '10.9.0.10'];
const PODS = ['10.9.0.11', '10.9.0.12'] as const;

describe('tunnels through an east-west gateway', () => {
  let addresses: AddressPlan;
  let servers: Server[] = [];
  let hanging: ServerResponse[] = [];
  let peers: (string | string[] | undefined)[] = [];
  /** What becomes of packets between two addresses. */
  let fates: Record<string, Fate> = {};
  let heard: string[] = [];
  let hosts: Host[] = [];
  let closed = createSignal();
  let pods: PassingPod[] = [];
  let tunnels: Tunnels;
  const clock = new ManualClock();
  const changed = createSignal();
  const network: Network = {
    changed,
    peer: (ip) => ({ ip }),
    allows: (from, to) => (fates[`${from} ${to}`] ?? 'carried') === 'carried',
    fate: (from, to) => fates[`${from} ${to}`] ?? 'carried',
    waitMs: () => 0,
    close: () => {},
  };

  beforeEach(async () => {
    addresses = await claimAddresses('single');
    [fates, heard, hanging, peers] = [{}, [], [], []];
    closed = createSignal();
    const locality = { region: 'r', zone: 'z', subzone: '' };
    hosts = PODS.map((ip) => {
      const workload = { name: ip, namespace: 'default', clusterId: 'far' };
      return newHost({ address: `${ip}:8000`, locality, labels: {}, ready: true, workload }, 0);
    });
    servers = await Promise.all(
      PODS.map(async (ip) => {
        const server = meshServer((request, response) => {
          peers.push(request.headers[PEER_HEADER]);
          if (request.url === '/hang') hanging.push(response);
          else response.end(ip);
        });
        await addresses.listen(server, ip, 8000);
        return server;
      }),
    );
    let turn = 0;
    const chooser = {
      settings: { connectTimeoutMs: 1000 },
      choose: () => hosts[turn++ % hosts.length],
      report: ({ endpoint }: Host, outcome: AttemptOutcome) => void heard.push(`${endpoint.address} ${outcome.kind}`),
    };
    pods = [{ ip: GATEWAY, port: 15443, closed, pass: () => Passage.choose(chooser, () => 0) }];
    const shared = { addresses, network, clock, random: () => 0, connectTimeoutMs: 10_000 };
    tunnels = new Tunnels({ ...shared, fromIp: CALLER, ip: ADDRESS, port: 15443, sni: 'mockb', pods: () => pods });
  });
  afterEach(() => {
    tunnels.destroy();
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  });

  const reached: (string | undefined)[] = [];
  const send = async (path = '/') => {
    const { outcome, response } = await tunnels.send({ ...REQUEST, path }, PATIENT, (workload) => {
      reached.push(workload?.name);
    });
    return response?.body ?? outcome.kind;
  };

  it('keep to one far pod while nothing else is on its way, which sees the gateway as its caller', async () => {
    const served = [await send(), await send(), await send()];
    expect(served).to.deep.equal([PODS[0], PODS[0], PODS[0]]);
    expect(new Set(peers)).to.deep.equal(new Set([GATEWAY]));
    expect(reached.at(-1)).to.equal(PODS[0]);
    expect(heard, 'the gateway hears of a connection, of no answer').to.deep.equal([`${PODS[0]}:8000 response`]);
    expect(hosts.map(({ active }) => active)).to.deep.equal([1, 0]);
  });

  it('are as many as there are calls at once, each chosen anew, and the last one is used again', async () => {
    const first = send('/hang');
    await until('it to hang', () => hanging.length === 1);
    expect(await send()).to.equal(PODS[1]);
    hanging[0]?.end('late');
    expect(await first).to.equal('late');
    expect(await send(), 'the one that was free last').to.equal(PODS[0]);
  });

  it('are not kept to a pod that the gateway has no more', async () => {
    await send();
    (hosts[0] as Host).removed = true;
    expect(await send()).to.equal(PODS[1]);
  });

  it('break with the pod of the gateway, and nobody is there without one', async () => {
    const waiting = send('/hang');
    await until('it to hang', () => hanging.length === 1);
    pods = [];
    closed.fire();
    expect(await waiting).to.equal('reset');
    expect(await send()).to.equal('connect-refused');
    expect(hosts.map(({ active }) => active)).to.deep.equal([0, 0]);
  });

  it('fail to open where no host is left behind the gateway', async () => {
    pods = [{ ip: GATEWAY, port: 15443, closed, pass: () => undefined }];
    expect(await send()).to.equal('connect-refused');
  });

  it('wait for the connect timeout where the far leg drops packets, and the gateway hears of it', async () => {
    fates[`${GATEWAY} ${PODS[0]}`] = 'dropped';
    const waiting = send();
    for (let second = 0; second < 10; second += 1) await clock.advance(1000);
    expect(await waiting).to.equal('connect-timeout');
    expect(heard).to.deep.equal([`${PODS[0]}:8000 connect-timeout`]);
  });

  it('do not blame a far pod for what the way to the gateway does', async () => {
    fates[`${CALLER} ${ADDRESS}`] = 'refused';
    expect(await send()).to.equal('connect-refused');
    expect(heard).to.deep.equal([`${PODS[0]}:8000 abandoned`]);
  });
});
