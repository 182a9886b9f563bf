import { expect } from 'chai';
import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import type { ObserveTrouble } from '../model/ports.ts';
import type { Json } from '../model/scenario.ts';
import { until } from '../sandbox/testing/until.ts';
import { kubeCluster } from './cluster.ts';
import { type Answer, type StubApi, stubApi } from './testing/stub-api.ts';

const made = (name: string, more: object = {}) => ({ metadata: { name, namespace: 'default', ...more } });
const event = (type: string, object: object): Json => ({ type, object }) as Json;

describe('a watch', () => {
  let api: StubApi;
  let ending: AbortController;
  let seen: string[];
  let troubles: ObserveTrouble[];
  let pauses: number[];
  let now: number;
  beforeEach(async () => {
    api = await stubApi();
    ending = new AbortController();
    seen = [];
    troubles = [];
    pauses = [];
    now = 0;
  });
  afterEach(() => api.close());

  const watches = () => api.asked.filter(({ query }) => query.watch !== undefined);

  /** Observes pods with these answers to lists and watches, until so many pauses; `onPause` may act in each. */
  async function observe(
    answers: { list?: (nth: number) => Json; watch: (nth: number) => Answer },
    count: number,
    onChange: (objects: readonly KubeObject[]) => void = () => {},
  ): Promise<void> {
    let lists = 0;
    let watched = 0;
    const list = answers.list ?? (() => ({ items: [made('a', { uid: '1' })], metadata: { resourceVersion: '7' } }));
    api.answer = ({ query }) => (query.watch === undefined ? { body: list(lists++) } : answers.watch(watched++));
    const sleep = async (ms: number) => {
      pauses.push(ms);
      if (pauses.length === count) ending.abort();
    };
    const clock = { now: () => now, wall: () => new Date(0), sleep };
    await kubeCluster({ name: 'tokyo', region: 'r', config: api.config, clock }).observe(
      KINDS.pod,
      { namespace: 'default', labelSelector: 'a=b' },
      (objects) => {
        seen.push(objects.map(({ metadata }) => `${metadata.name}${metadata.resourceVersion ?? ''}`).join(' '));
        onChange(objects);
      },
      ending.signal,
      (trouble) => troubles.push(trouble),
    );
  }

  it('tells of what comes, changes and goes, and of nothing else', async () => {
    const stream = [
      event('ADDED', made('b', { uid: '2' })),
      event('BOOKMARK', made('x', { uid: '9' })),
      event('MODIFIED', made('a', { uid: '1', resourceVersion: '8' })),
      event('DELETED', made('b', { uid: '2' })),
      event('ADDED', made('c')),
      event('MODIFIED', made('c', { resourceVersion: '9' })),
      event('DELETED', made('nobody', { uid: '5' })),
    ];
    await observe({ watch: () => ({ stream }) }, 1);
    expect(seen).to.deep.equal(['a', 'a b', 'a8 b', 'a8', 'a8 c', 'a8 c9', 'a8 c9']);
  });

  it('has no fields that are null, and passes over what is no object', async () => {
    const odd = { ...made('b', { labels: null }), involvedObject: null, endpoints: [{ zone: null, nodeName: 'n' }] };
    const stream = [event('ADDED', odd), event('ADDED', { metadata: null }), { type: 'ADDED', object: null } as Json];
    const told: unknown[] = [];
    await observe({ watch: () => ({ stream }) }, 1, (objects) => told.push(objects[1]));
    expect(seen).to.deep.equal(['a', 'a b']);
    expect(told[1]).to.deep.equal({
      metadata: { name: 'b', namespace: 'default' },
      endpoints: [{ nodeName: 'n' }],
    });
    expect(troubles).to.deep.equal([]);
  });

  it('whose news nobody can take in is trouble once, no failed list, and goes on', async () => {
    now = 0;
    const answer = () => {
      now += 2_000_000;
      return { stream: [event('ADDED', made('b')), event('ADDED', made('c'))] };
    };
    await observe({ watch: answer }, 2, () => {
      throw new Error('what is this?');
    });
    expect(troubles).to.deep.equal([{ cannot: 'read', reason: 'what is this?' }]);
    expect(seen).to.deep.equal(['a', 'a b', 'a b c', 'a', 'a b', 'a b c']);
    expect(pauses).to.deep.equal([100, 100]);
  });

  it('takes objects of one name in two namespaces for two, though they have no UID', async () => {
    const inShop = made('a', { namespace: 'shop' });
    const list = () => ({ items: [made('a'), made('b'), inShop], metadata: {} }) as Json;
    await observe({ list, watch: () => ({ stream: [event('DELETED', inShop)] }) }, 1);
    expect(seen).to.deep.equal(['a b a', 'a b']);
  });

  it('goes on from the version of the list, for ten seconds at most, with the same selector', async () => {
    await observe({ watch: () => ({ stream: [] }) }, 1);
    expect(watches().map(({ path, query }) => [path, query])).to.deep.equal([
      [
        '/api/v1/namespaces/default/pods',
        { watch: 'true', resourceVersion: '7', labelSelector: 'a=b', timeoutSeconds: '10' },
      ],
    ]);
  });

  it('tells the whole list anew after it has ended', async () => {
    const lists = [['a'], ['b', 'c'], []];
    const list = (nth: number): Json => ({ items: (lists[nth] ?? []).map((name) => made(name)), metadata: {} }) as Json;
    await observe({ list, watch: () => ({ stream: [] }) }, 3);
    expect(seen).to.deep.equal(['a', 'b c', '']);
  });

  it('was good when it lasted a second, and what was bad before is forgotten', async () => {
    const lasts = [0, 999_999, 0, 999_999, 1_000_000, 0, 0];
    const watch = (nth: number): Answer => {
      now += lasts[nth] ?? 0;
      return { stream: [] };
    };
    await observe({ watch }, 7);
    expect(pauses).to.deep.equal([100, 200, 400, 800, 100, 200, 400]);
    expect(troubles).to.deep.equal([]);
  });

  it('that fails five times in a row is trouble, once', async () => {
    await observe({ watch: () => ({ stream: [] }) }, 4);
    expect(troubles).to.deep.equal([]);
    ending = new AbortController();
    pauses = [];
    await observe({ watch: () => ({ stream: [] }) }, 5);
    expect(troubles).to.deep.equal([{ cannot: 'watch', reason: 'it ends at once' }]);
  });

  it('has to fail five times again after a good one', async () => {
    const lasts = [1_000_000, 0, 0, 0, 0];
    const watch = (nth: number): Answer => {
      now += lasts[nth] ?? 0;
      return { stream: [] };
    };
    await observe({ watch }, 5);
    expect(troubles).to.deep.equal([]);
  });

  it('that is refused is trouble at once, with its status, and waited for longer', async () => {
    await observe({ watch: () => ({ status: 401, body: { message: 'who?' } }) }, 2);
    expect(pauses).to.deep.equal([2_000, 4_000]);
    expect(troubles.map(({ cannot }) => cannot)).to.deep.equal(['watch']);
    expect(troubles[0]?.reason).to.match(/^401 /).and.not.contain('ends at once');
  });

  it('that is refused for another reason is tried again soon, however long the answer took', async () => {
    const watch = (): Answer => {
      now += 5_000_000;
      return { status: 410, body: { message: 'gone' } };
    };
    await observe({ watch }, 2);
    expect(pauses).to.deep.equal([100, 200]);
    expect(troubles).to.deep.equal([]);
  });

  it('that cannot be opened at all is a bad one, as any other', async () => {
    const { config } = api;
    const authenticate = config.applySecurityAuthentication;
    const list = (): Json => {
      config.applySecurityAuthentication = () => {
        config.applySecurityAuthentication = authenticate;
        return Promise.reject(new Error('no token'));
      };
      return { items: [made('a')], metadata: {} } as Json;
    };
    await observe({ list, watch: () => ({ stream: [] }) }, 6);
    expect(pauses.slice(0, 3)).to.deep.equal([100, 200, 400]);
    expect(troubles).to.deep.equal([{ cannot: 'watch', reason: 'no token' }]);
    expect(watches()).to.deep.equal([]);
  });

  it('ends with the signal, though the server keeps it open, and tells nothing more', async function () {
    // Less than the client itself waits for a silent one.
    this.timeout(20_000);
    const observing = observe({ watch: () => ({ stream: [event('ADDED', made('b'))], stays: true }) }, 99);
    await until('the first event', () => seen.length === 2);
    ending.abort();
    await observing;
    expect([seen, pauses, troubles]).to.deep.equal([['a', 'a b'], [], []]);
    await until('the stream is closed', () => api.streams === 0);
  });

  it('is not begun, and its list not told, when the signal has come before', async () => {
    const list = (): Json => {
      ending.abort();
      return { items: [made('a')], metadata: {} } as Json;
    };
    await observe({ list, watch: () => ({ stream: [event('ADDED', made('b'))], stays: true }) }, 99);
    expect(seen).to.deep.equal([]);
    expect(pauses).to.deep.equal([]);
  });

  it('tells nothing more from the moment of the signal, whatever is on its way', async () => {
    const stream = ['b', 'c', 'd'].map((name) => event('ADDED', made(name)));
    await observe({ watch: () => ({ stream }) }, 99, (objects) => {
      if (objects.length === 2) ending.abort();
    });
    expect(seen).to.deep.equal(['a', 'a b']);
  });

  it('leaves no listener on the signal behind', async () => {
    let listeners = 0;
    const { signal } = ending;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners++;
      addEventListener.apply(signal, args);
    };
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners--;
      removeEventListener.apply(signal, args);
    };
    await observe({ watch: () => ({ stream: [] }) }, 3);
    expect(listeners).to.equal(0);
  });
});
