import { once } from 'node:events';
import http2 from 'node:http2';
import { connect, type Server } from 'node:net';
import { expect } from 'chai';
import type { buildConnector } from 'undici';
import { CHAIN, pathTo } from '../testing/load-fixture.ts';
import { until } from '../testing/run-load.ts';
import { listen } from '../testing/test-server.ts';
import { Flight, type FlightLog } from './flight.ts';
import { Streams } from './streams.ts';

describe('load/undici/streams', () => {
  it('keeps a connection that came too late for the request it was opened for', async () => {
    const target = await listen(http2.createServer((_, response) => response.end(CHAIN)) as unknown as Server);
    const waiting: buildConnector.Callback[] = [];
    const connector = {
      answering: false,
      connect: (_: unknown, callback: buildConnector.Callback) => waiting.push(callback),
    };
    const streams = new Streams({ ...pathTo(target.port), http2: true }, connector, true);
    const said: string[] = [];
    const log: FlightLog = { response: () => said.push('response'), error: () => said.push('error') };
    const route = { connector, source: { kind: 'body' }, grpc: false, judge: undefined, log } as const;
    const send = () => {
      const flight = new Flight(route, { path: 0, seq: 0, due: 0 }, 0, 1);
      streams.dispatch({ method: 'GET', path: '/', headers: {} }, flight);
      return flight;
    };
    try {
      send().expire();
      const socket = connect(target.port, '127.0.0.1');
      await once(socket, 'connect');
      waiting[0]?.(null, socket);
      send();
      await until(() => said.length === 2);
      expect([said, waiting.length, target.connections()]).to.deep.equal([['error', 'response'], 1, 1]);
    } finally {
      await streams.destroy();
      await target.close();
    }
  });
});
