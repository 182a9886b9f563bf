import { expect } from 'chai';
import { FaultlineError } from '../model/errors.ts';
import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import type { Clock } from '../model/ports.ts';
import type { Json } from '../model/scenario.ts';
import { virtualClock } from '../run/testing/virtual-clock.ts';
import { MOST_LIST_LENGTH } from './bounded.ts';
import { listAll } from './list.ts';
import { Rest } from './rest.ts';
import { type StubApi, stubApi } from './testing/stub-api.ts';

const PATH = '/api/v1/namespaces/shop/pods';
const pageOf = (token: string, items: Json[] = [{ metadata: { name: 'p' } }]) => ({
  items,
  metadata: { continue: token },
});

let api: StubApi;

/** A Rest whose n-th page, counted from 0, a spec gives as text. */
function pages(text: (page: number) => string): { readonly rest: Rest; readonly asked: () => number } {
  let asked = 0;
  const rest = new Rest(api.config, 'tokyo', virtualClock());
  rest.text = async () => text(asked++);
  return { rest, asked: () => asked };
}

describe('a list of many pages', () => {
  before(async () => {
    api = await stubApi();
  });
  after(() => api.close());

  const listed = (rest: Rest, clock: Clock = virtualClock()) =>
    listAll(rest, clock, PATH, { kind: KINDS.pod, namespace: 'shop' }).then(
      ({ items }): readonly KubeObject[] | string => items,
      (error: unknown) => {
        expect(error).to.be.instanceOf(FaultlineError).and.include({ code: 'KUBE_API' });
        return (error as FaultlineError).message;
      },
    );
  const WITHOUT_END = 'cluster tokyo: list Pod of namespace shop: the answer is a list without an end: ';

  it('may have 500 of them, and empty ones among them', async () => {
    const { rest } = pages((page) => JSON.stringify(pageOf(page < 499 ? `t${page}` : '', page % 2 ? [] : undefined)));
    expect(await listed(rest)).to.have.length(250);
  });

  it('is refused when there are more, whatever the tokens are', async () => {
    const { rest, asked } = pages((page) => JSON.stringify(pageOf(`t${page}`)));
    expect(await listed(rest)).to.equal(`${WITHOUT_END}more than 500 pages`);
    expect(asked()).to.equal(500);
  });

  it('is refused when it begins to go round', async () => {
    const { rest, asked } = pages((page) => JSON.stringify(pageOf(`t${page % 3}`, [])));
    expect(await listed(rest)).to.equal(`${WITHOUT_END}it goes on where it has been before`);
    expect(asked()).to.equal(4);
  });

  it('is refused when all of them together are too long', async () => {
    const rest = new Rest(api.config, 'tokyo', virtualClock());
    let page = 0;
    rest.text = async () => ({ length: MOST_LIST_LENGTH / 4 }) as unknown as string;
    rest.parsed = <T extends object>() => pageOf(`t${page++}`) as object as Partial<T>;
    expect(await listed(rest)).to.equal(`${WITHOUT_END}more than ${MOST_LIST_LENGTH} characters`);
    expect(page).to.equal(4);
  });

  it('is refused when its last page says that more are there', async () => {
    const last = (count: unknown, token?: string) =>
      JSON.stringify({ items: [], metadata: { remainingItemCount: count, ...(token && { continue: token }) } });
    const part = 'cluster tokyo: list Pod of namespace shop: the answer is a part of a list: ';
    for (const [said, text] of [
      [[last(3)], `${part}3 more are said to be there, and not how to get them`],
      [[last(3, 't'), last(1)], `${part}1 more are said to be there, and not how to get them`],
      [[last(0)], []],
      [[last(7, 't'), last(undefined)], []],
    ] as const) {
      const { rest } = pages((page) => said[page] ?? '');
      expect(await listed(rest), said.join()).to.deep.equal(text);
    }
  });

  it('is refused when it is not whole after a minute', async () => {
    const clock = virtualClock();
    let page = 0;
    const rest = new Rest(api.config, 'tokyo', clock);
    rest.text = async () => {
      await clock.sleep(14_000);
      return JSON.stringify(pageOf(`t${page++}`));
    };
    expect(await listed(rest, clock)).to.equal(`${WITHOUT_END}more than 60 s`);
    expect(page).to.equal(5);
  });
});
