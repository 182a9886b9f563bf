import { expect } from 'chai';
import type { Change } from './testing/changes.ts';
import type { HistoryBuilder } from './testing/history-builder.ts';
import { ejected, host, kindsOf, MOCKA, NO_HOST, REFUSED, times, told } from './testing/mechanisms-told.ts';
import { type RecordedHost, recorded } from './testing/recorded-proxy.ts';
import { endpointsOf, ipOf } from './testing/world.ts';

describe('analysis: how the mesh let requests of a gateway fail', () => {
  const zone = 'north-a';
  const givenUp: Change = (record) => ({
    ...record,
    ended: 'error',
    error: 'timeout',
    status: 0,
    chain: undefined,
    end: record.due + 2e6,
  });
  const gateways =
    (...pods: readonly string[]) =>
    (history: HistoryBuilder): void => {
      const all = pods.map((pod) => ({
        cluster: 'tokyo',
        namespace: 'edge',
        zone,
        workload: 'gw',
        pod,
        ip: '10.9.0.1',
      }));
      history.at(0.2e6, { type: 'endpoints', cluster: 'tokyo', endpoints: endpointsOf('tokyo'), gateways: all });
    };
  const noHops =
    (rest: string, code: number): Change =>
    (record) => ({ ...record, ended: 'response', status: code, error: undefined, chain: { hops: [], rest } });
  const dead: RecordedHost = { ip: ipOf('mocka', zone, 0), zone, failed: times(12, 14) };
  const gateway =
    (pod: string, hosts: readonly RecordedHost[]) =>
    (history: HistoryBuilder): void =>
      recorded(history, { pod: `edge/${pod}`, zone, service: 'mocka', hosts });

  it('is told by its own proxy', async () => {
    const { counted } = await told([{ zone, from: 12, to: 14, change: noHops(REFUSED, 503) }], (history) => {
      gateways('gw-1')(history);
      gateway('gw-1', [dead])(history);
    });
    expect(kindsOf(counted)).to.deep.equal([['not-ejected certain']]);
    expect(counted[0]?.mechanisms?.[0]?.shown).to.contain('edge/gw-1').and.to.contain('of mocka');
  });

  it('is only likely where one of two was read, and not told where none was', async () => {
    const bad = [{ zone, from: 12, to: 14, change: noHops(REFUSED, 503) }];
    const half = await told(bad, (history) => {
      gateways('gw-1', 'gw-2')(history);
      gateway('gw-1', [dead])(history);
    });
    expect(kindsOf(half.counted)).to.deep.equal([['not-ejected likely']]);
    const none = await told(bad, gateways('gw-1', 'gw-2'));
    expect(kindsOf(none.counted)).to.deep.equal([[]]);
    const words = await told([{ zone, from: 12, to: 14, change: noHops(NO_HOST, 503) }], gateways('gw-1'));
    expect(kindsOf(words.counted)).to.deep.equal([['no-healthy-host likely']]);
  });

  it('is followed to where calls failed first, where services pass errors on', async () => {
    const passing = await told([{ zone, from: 12, to: 14, change: noHops('sorry', 500) }], (history) => {
      gateways('gw-1')(history);
      gateway('gw-1', [dead])(history);
      recorded(history, { pod: MOCKA(zone), zone, hosts: [host(zone, { failed: times(12, 14), ...ejected(14.5) })] });
    });
    expect(kindsOf(passing.counted)).to.deep.equal([['not-ejected likely']]);
    expect(passing.counted[0]?.mechanisms?.[0]?.shown).to.contain('of mockb');
  });

  it('is followed to where calls hang, and calls under way are none', async () => {
    const hanging = await told([{ zone, from: 12, to: 14, change: givenUp }], (history) => {
      gateways('gw-1')(history);
      gateway('gw-1', [{ ip: dead.ip, zone, served: times(1, 12), hung: times(12, 14) }])(history);
      recorded(history, {
        pod: MOCKA(zone),
        zone,
        hosts: [host(zone, { served: times(1, 12), hung: times(12, 14) })],
      });
    });
    expect(kindsOf(hanging.counted)).to.deep.equal([['no-answer likely']]);
    expect(hanging.counted[0]?.mechanisms?.[0]?.shown).to.contain(
      'of mockb at 10.1.0.1:8080 (north-a) that had no answer',
    );
  });

  it('is not told by a few calls that hang among many that were given up', async () => {
    const few = await told([{ zone, from: 12, to: 14, change: givenUp }], (history) => {
      gateways('gw-1')(history);
      gateway('gw-1', [{ ip: dead.ip, zone, served: times(1, 24), hung: times(12, 14, 5) }])(history);
    });
    expect(kindsOf(few.counted)).to.deep.equal([[]]);
  });

  it('is connections that were waited for, unless others were refused at once', async () => {
    const deaf = { ip: dead.ip, zone, served: times(1, 11), failed: [22.3], how: 'refused' as const };
    const tell = (history: HistoryBuilder): void => {
      gateways('gw-1')(history);
      gateway('gw-1', [deaf])(history);
    };
    const waiting = await told([{ zone, from: 12, to: 14, change: givenUp }], tell);
    expect(kindsOf(waiting.counted)).to.deep.equal([['connect-timeout likely']]);
    const refusing = { zone: 'north-b', from: 12, to: 14, change: noHops(REFUSED, 503) };
    const both = await told([{ zone, from: 12, to: 14, change: givenUp }, refusing], tell);
    expect(kindsOf(both.counted.filter(({ cause }) => cause === 'timeout'))).to.deep.equal([[]]);
  });

  it('is told by the status message of gRPC', async () => {
    const wrong: Change = (record) => ({ ...record, text: 0 });
    const texts = [`gRPC UNAVAILABLE: ${NO_HOST}`];
    const { counted } = await told([{ zone, from: 12, to: 14, change: wrong }], () => {}, { texts });
    expect(kindsOf(counted)).to.deep.equal([['no-healthy-host likely']]);
    const other = await told([{ zone, from: 12, to: 14, change: wrong }], () => {}, {
      texts: ['gRPC UNAVAILABLE: closed'],
    });
    expect(kindsOf(other.counted)).to.deep.equal([[]]);
  });
});
