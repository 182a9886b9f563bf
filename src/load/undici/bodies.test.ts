import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { CHAIN, loadOf, pathTo } from '../testing/load-fixture.ts';
import { ownTargets } from '../testing/own-targets.ts';
import { runLoad } from '../testing/run-load.ts';

describe('load/undici: bodies', () => {
  const target = ownTargets();

  for (const connections of ['kept', 'fresh'] as const) {
    it(`are sent whole with every request (${connections})`, async () => {
      const heard = new Set<string>();
      const { port } = await target(async (request, response) => {
        heard.add(`${request.method} ${request.headers['content-length']} ${await text(request)}`);
        response.end(CHAIN);
      });
      const load = { ...loadOf({ connections }, { method: 'POST' }), bodies: { entry: Buffer.from('{"sku":"ü"}') } };
      const { records } = await runLoad(load, [pathTo(port)]);
      expect(records.every(({ outcome }) => outcome === 'response')).to.equal(true);
      expect([...heard]).to.deep.equal(['POST 12 {"sku":"ü"}']);
    });
  }
});
