import { expect } from 'chai';
import type { Hop } from '../../../model/record.ts';
import type { ContentCheck, GoodRequest, Load, PathTemplate } from '../../../model/scenario.ts';
import { CHAIN, loadOf, pathTo } from '../load-fixture.ts';
import { ownTargets } from '../own-targets.ts';
import { BARE, outcomesOf, requestsTo, type Subject, sender } from './subject.ts';

const hopOf = (zone: string, pod: string): Hop => ({ service: '', zone, ip: '', pod });
const get = (path: string) => ({ method: 'GET', path, headers: {} });

const good = (status: GoodRequest['status'], ...content: ContentCheck[]) => ({
  good: { ...BARE, status, content },
});
const pointer = (at: string, equals: null | string) => ({ of: 'body', pointer: at, expected: { equals } }) as const;

/** Rules of paths for what they answer, and what is said of each. */
const CASES: Readonly<Record<string, Partial<PathTemplate> & { readonly says: string }>> = {
  home: {
    ...good(302, { of: 'header', name: 'location', expected: { matches: '/login$' } }),
    says: 'response 302',
  },
  moved: {
    ...good(302, { of: 'header', name: 'location', expected: { equals: 'https://shop.example/' } }),
    request: get('/home'),
    says: 'response 302: header location is "https://shop.example/login", not "https://shop.example/"',
  },
  new: { ...good([{ from: 200, to: 299 }]), says: 'response 204' },
  plain: { says: 'response 200' },
  deep: { ...good(200, pointer('/n/ü~1~0/1/x', null)), says: 'response 200' },
  sick: { ...good(200, pointer('/status', 'ok')), says: 'response 200: body: /status is "degraded", not "ok"' },
  none: { ...good(200, pointer('/a/b', 'ok')), says: 'response 200: body: /a/b is not there' },
  text: { ...good(200, { of: 'body', expected: { matches: '"degraded"' } }), says: 'response 200' },
  zone: {
    ...good(200, { of: 'header', name: 'x-zone', expected: { equals: 'a' } }),
    says: 'response 200: header x-zone is "a, b", not "a"',
  },
  absent: {
    ...good(200, { of: 'header', name: 'x-other', expected: { equals: 'a' } }),
    says: 'response 200: header x-other is not there',
  },
  // A wrong status is what is wrong; nothing is said of the rest.
  status: { ...good(201, pointer('/status', 'ok')), says: 'response 200' },
};

/** What is looked at in answers, and what a record tells of it. */
export function answerContract(subject: Subject): void {
  const run = sender(subject);

  describe('what answers say', () => {
    const target = ownTargets();

    it('judges each path by its own rule, and writes down what was wrong with an answer', async () => {
      const { port } = await target((request, response) => {
        if (request.url === '/home') response.writeHead(302, { location: 'https://shop.example/login' }).end();
        else if (request.url === '/new') response.writeHead(204).end();
        else response.writeHead(200, { 'X-Zone': ['a', 'b'] }).end('{"status":"degraded","n":{"ü/~":[1,{"x":null}]}}');
      });
      const templates = Object.entries(CASES).map(([path, template]) => ({
        request: get(`/${path}`),
        ...template,
        name: path,
      }));
      const { load, paths } = requestsTo(port, templates, { ratePerSecond: 20 });
      const outcome = await run(load, paths);
      const said = Object.fromEntries(Object.entries(CASES).map(([path, { says }]) => [path, [says]]));
      expect(outcomesOf(outcome)).to.deep.equal(said);
      const isGood = Object.fromEntries(
        outcome.view.paths.map(({ path, good: n, bad }) => [path.split('@')[0], [n > 0, bad > 0]]),
      );
      const wrong = new Set(['moved', 'sick', 'none', 'zone', 'absent', 'status']);
      for (const path of Object.keys(CASES))
        expect(isGood[path], path).to.deep.equal([!wrong.has(path), wrong.has(path)]);
    });

    it('looks for the chain in a header, and at the body all the same', async () => {
      const { port } = await target((_, response) => response.setHeader('x-chain', CHAIN).end('{"a":1}'));
      const content: ContentCheck[] = [{ of: 'body', pointer: '/a', expected: { equals: 2 } }];
      const chain: Load['chain'] = { from: { kind: 'header', name: 'x-chain' }, hop: loadOf().chain.hop };
      const load = loadOf({ chain, good: { ...BARE, chain: ['mocka', 'mockb'], content } });
      const outcome = await run(load, [pathTo(port)]);
      expect(outcomesOf(outcome)).to.deep.equal({ entry: ['response 200: body: /a is 1, not 2'] });
      expect(outcome.chains.map(({ hops, rest }) => [hops.length, rest])).to.deep.equal([[2, '']]);
    });

    it('reads hops of any pattern: a pod alone, in a value of JSON, between other text', async () => {
      const { port } = await target((_, response) => response.end('{"by":["x/a-1","y/b-2"],"zone":"z"}'));
      const patterns: readonly [Load['chain'], ...Hop[]][] = [
        [{ from: { kind: 'pointer', pointer: '/by' }, hop: '{zone}/{pod}' }, hopOf('x', 'a-1'), hopOf('y', 'b-2')],
        [
          { from: { kind: 'body' }, hop: '"zone":"{zone}"', anywhere: true },
          { service: '', zone: 'z', ip: '' },
        ],
      ];
      for (const [chain, ...hops] of patterns) {
        const { chains } = await run(loadOf({ chain, good: BARE }), [pathTo(port)]);
        expect(chains).to.deep.equal([{ hops, rest: '' }]);
      }
    });

    it('looks at no more than the first 64 KiB of a body', async () => {
      const { port } = await target((_, response) => response.end(`{"a":1,"b":"${'x'.repeat(70_000)}"}`));
      const content: ContentCheck[] = [{ of: 'body', pointer: '/a', expected: { equals: 1 } }];
      const outcome = await run(loadOf({ good: { ...BARE, content } }), [pathTo(port)]);
      const words = 'body: longer than 64 KiB, so that /a was not looked for';
      expect(outcomesOf(outcome)).to.deep.equal({ entry: [`response 200: ${words}`] });
    });
  });
}
