import { expect } from 'chai';
import type { TransportError } from '../../model/record.ts';
import { type Change, due, edit, status, through } from '../testing/changes.ts';
import { findingOf, judged } from '../testing/handmade.ts';

const NORTH_A = 'north-a';

/** The hint on a baseline in which all of one path is like this. */
async function hintOf(change: Change): Promise<string | undefined> {
  const home = through(NORTH_A, NORTH_A, NORTH_A);
  const result = await judged({
    status: 'refused',
    reason: 'not steady',
    callers: {},
    times: { end: 10.5 },
    expect: { steadyState: { goodAtLeast: 0.99, sameZoneAtLeast: 0.99 } },
    records: (records) => edit(records, [due(NORTH_A, 0, 11), (record) => change(home(record))]),
  });
  expect(findingOf(result, 'steadyState/sameZone').hint).to.equal(undefined);
  return findingOf(result, 'steadyState/good').hint;
}

const error =
  (kind: TransportError): Change =>
  (record) => ({ ...record, ended: 'error', error: kind, status: 0, chain: undefined });
const services =
  (...names: readonly string[]): Change =>
  (record) => ({
    ...record,
    chain: { hops: (record.chain?.hops ?? []).map((hop, at) => ({ ...hop, service: names[at] ?? '' })), rest: '' },
  });

/** An answer without a hop, and with this text instead. */
const rest =
  (text: string): Change =>
  (record) => ({ ...record, chain: { hops: [], rest: text } });

describe('analysis: the hint on a baseline that was not good', () => {
  it('goes by how the requests failed', async () => {
    const cases: readonly (readonly [Change, RegExp | undefined])[] = [
      [error('tls'), /under tls of the gateway/],
      [error('dns'), /no address on this machine/],
      [error('unreachable'), /no way from this machine/],
      [error('refused'), /Nobody listened/],
      [status(404), /host and path with the VirtualService/],
      [status(401), /no valid credentials/],
      [status(403), /AuthorizationPolicy/],
      [services('shop', 'stock', 'bank'), /other services than good\.chain/],
      [rest(''), /other services than good\.chain/],
      [rest('{"by":"-> mocka(north-a, 10.0.0.1)","at":17}'), /`anywhere: true` in load\.chain/],
      [rest('served by mocka(north-a, 10.0.0.1) -> '), /other services than good\.chain/],
      [(record) => ({ ...record, end: record.due + 1_500_000 }), /slow/],
      [status(503), undefined],
      [error('reset'), undefined],
      [error('timeout'), undefined],
    ];
    for (const [change, hint] of cases) {
      if (hint === undefined) expect(await hintOf(change)).to.equal(undefined);
      else expect(await hintOf(change)).to.match(hint);
    }
  });

  it('is none where they failed in many ways', async () => {
    let n = 0;
    const kinds = [error('tls'), error('dns'), status(404), status(503)];
    expect(await hintOf((record) => kinds[n++ % kinds.length]?.(record) ?? record)).to.equal(undefined);
  });
});
