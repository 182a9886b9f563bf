import { buffer } from 'node:stream/consumers';
import { expect } from 'chai';
import type { HeaderChange } from '../../../model/ports.ts';
import { CHAIN, loadOf, pathTo } from '../load-fixture.ts';
import { ownTargets } from '../own-targets.ts';
import { outcomesOf, requestsTo, type Subject, sender } from './subject.ts';

/** The clock of a k6 that tells over its console is known to about this, in microseconds. */
const BLUR = 2500;

/** What is sent, and when. */
export function requestContract(subject: Subject): void {
  const run = sender(subject);

  describe('what is sent', () => {
    const target = ownTargets();

    it('sends bodies whole, byte by byte, with every request', async () => {
      const heard = new Set<string>();
      const { port } = await target(async (request, response) => {
        const { method, headers } = request;
        heard.add(`${method} ${headers['content-length']} ${(await buffer(request)).toString('hex')}`);
        response.end(CHAIN);
      });
      const bodies = { entry: Buffer.from([0, 0xff, 0x7b, 0x0d, 0x0a]) };
      const outcome = await run({ ...loadOf({}, { method: 'POST' }), bodies }, [pathTo(port)]);
      expect(outcomesOf(outcome)).to.deep.equal({ entry: ['response 200'] });
      expect([...heard]).to.deep.equal(['POST 5 00ff7b0d0a']);
    });

    it('sends each path at its own rate, numbered for itself', async () => {
      const { port } = await target((_, response) => response.end(CHAIN));
      const templates = [{ name: 'fast' }, { name: 'slow', ratePerSecond: 10 }];
      const { load, paths } = requestsTo(port, templates);
      const outcome = await run(load, paths, { enough: (h) => (h.progress().paths[1]?.sent ?? 0) > 10 });
      for (const [path, interval] of [10_000, 100_000].entries()) {
        const own = outcome.records.filter((record) => record.path === path).toSorted((a, b) => a.seq - b.seq);
        expect(own.map(({ seq }) => seq)).to.deep.equal([...own.keys()]);
        const first = own[0]?.due ?? 0;
        for (const { due, seq } of own) expect(Math.abs(due - first - seq * interval)).to.be.at.most(BLUR);
      }
    });

    if (!subject.refreshes) return;
    it('sends other values of headers from when it is told, and hides them when a server says them', async () => {
      const heard: string[] = [];
      let tell: (change: HeaderChange) => void = () => {};
      const { port } = await target((request, response) => {
        const token = String(request.headers['x-token']);
        if (heard.at(-1) !== token) heard.push(token);
        response.end(`you said ${token}`);
        if (heard.length > 1) return;
        const headers = [{ path: 'entry', name: 'x-token', value: 'second-s3cret' }];
        tell({ headers, hidden: ['first-s3cret', 'second-s3cret'] });
      });
      const load = {
        ...loadOf({}, { headers: { 'X-Token': 'first-s3cret' } }),
        hidden: ['first-s3cret'],
      };
      const outcome = await run(load, [pathTo(port)], {
        enough: () => heard.length === 2,
        onHeaders: (on) => {
          tell = on;
        },
      });
      expect(heard).to.deep.equal(['first-s3cret', 'second-s3cret']);
      expect(JSON.stringify(outcome.chains)).to.contain('you said').and.to.not.contain('s3cret');
    });
  });
}
