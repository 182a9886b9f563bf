import { expect } from 'chai';
import { KINDS } from '../../model/kubernetes.ts';
import { startTestServer, type TestServer, type TestWatch, until } from '../testing/test-server.ts';
import { asObject, at, type JsonMap } from './json.ts';

describe('watching over HTTP', () => {
  let api: TestServer;
  let open: TestWatch[];
  beforeEach(async () => {
    api = await startTestServer();
    open = [];
    put('first', { app: 'web' });
  });
  afterEach(async () => {
    for (const watch of open) watch.stop();
    await api.close();
  });

  const put = (name: string, labels: JsonMap = {}): void => {
    const object = asObject({ ...KINDS.configMap, metadata: { name, namespace: 'default', labels } });
    if (api.store.get({ ...KINDS.configMap, namespace: 'default', name }) === undefined) api.store.create(object);
    else api.store.update(object);
  };
  const drop = (name: string): unknown => api.store.delete({ ...KINDS.configMap, namespace: 'default', name });
  const watch = async (query: string, headers: Record<string, string> = {}): Promise<TestWatch> => {
    const opened = await api.watch(`/api/v1/namespaces/default/configmaps?watch=true${query}`, headers);
    open.push(opened);
    return opened;
  };
  const seen = (events: TestWatch['events']): string[] =>
    events.map(({ type, object }) => `${type} ${at(object, 'metadata', 'name')}`);

  it('begins with the state when no version is given', async () => {
    const one = await watch('');
    expect(seen(await one.got(1))).to.deep.equal(['ADDED first']);
    put('second');
    drop('first');
    expect(seen(await one.got(3))).to.deep.equal(['ADDED first', 'ADDED second', 'DELETED first']);
  });

  it('begins after a version, with what was missed', async () => {
    const from = api.store.revision();
    put('second');
    const one = await watch(`&resourceVersion=${from}`);
    drop('second');
    const events = await one.got(2);
    expect(seen(events)).to.deep.equal(['ADDED second', 'DELETED second']);
    const versions = events.map(({ object }) => Number(at(object, 'metadata', 'resourceVersion')));
    expect(versions[1]).to.be.greaterThan(versions[0] ?? 0);
  });

  it('tells when objects enter and leave a selection', async () => {
    const one = await watch(`&resourceVersion=${api.store.revision()}&labelSelector=app%3Dweb`);
    put('other', { app: 'db' });
    put('other', { app: 'web' });
    put('other', { app: 'web', more: 'x' });
    put('other', { app: 'db' });
    drop('other');
    put('first', { app: 'db' });
    const events = await one.got(4);
    expect(seen(events)).to.deep.equal(['ADDED other', 'MODIFIED other', 'DELETED other', 'DELETED first']);
    expect(at(events[2]?.object, 'metadata', 'labels')).to.deep.equal({ app: 'web', more: 'x' });
  });

  it('watches one object by field selector', async () => {
    const one = await watch(`&resourceVersion=${api.store.revision()}&fieldSelector=metadata.name%3Dsecond`);
    put('third');
    put('second');
    expect(seen(await one.got(1))).to.deep.equal(['ADDED second']);
  });

  it('answers 410 for a version that is forgotten', async () => {
    const from = api.store.revision();
    for (let index = 0; index < 1100; index += 1) put('first', { app: 'web', index: String(index) });
    const one = await watch(`&resourceVersion=${from}`);
    expect(await one.ended()).to.equal('end');
    expect(one.events).to.have.length(1);
    expect(one.events[0]?.type).to.equal('ERROR');
    expect(one.events[0]?.object).to.include({ kind: 'Status', code: 410, reason: 'Expired' });
    const before = await watch('&resourceVersion=1');
    expect((await before.got(1))[0]?.object).to.include({ code: 410 });
  });

  it('streams a list and marks its end', async () => {
    put('second');
    const query = '&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan';
    const one = await watch(query);
    const events = await one.got(3);
    expect(events.map((event) => event.type)).to.deep.equal(['ADDED', 'ADDED', 'BOOKMARK']);
    expect(at(events[2]?.object, 'metadata', 'annotations', 'k8s.io/initial-events-end')).to.equal('true');
    expect(at(events[2]?.object, 'metadata', 'resourceVersion')).to.equal(String(api.store.revision()));
    put('third');
    expect(seen(await one.got(4)).at(-1)).to.equal('ADDED third');
    const refused = await api.call('GET', '/api/v1/configmaps?watch=true&sendInitialEvents=true');
    expect(refused.status).to.equal(422);
  });

  it('ends after timeoutSeconds in good order', async () => {
    const one = await watch('&timeoutSeconds=1');
    expect(await one.ended()).to.equal('end');
    expect(seen(one.events)).to.deep.equal(['ADDED first']);
  });

  it('prints rows, with the columns once', async () => {
    const one = await watch('', { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
    put('second');
    const events = await one.got(2);
    expect(events.map(({ object }) => object.kind)).to.deep.equal(['Table', 'Table']);
    expect(at(events[0]?.object, 'columnDefinitions')).to.have.length(3);
    expect(at(events[1]?.object, 'columnDefinitions')).to.equal(null);
    expect(at(events[1]?.object, 'rows', 0, 'cells', 0)).to.equal('second');
  });

  it('serves Istio objects in the version that is watched', async () => {
    const one = await api.watch('/apis/networking.istio.io/v1beta1/destinationrules?watch=true');
    open.push(one);
    api.store.create({
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: { name: 'dr', namespace: 'default' },
      spec: { host: 'web' },
    });
    expect((await one.got(1))[0]?.object.apiVersion).to.equal('networking.istio.io/v1beta1');
  });

  it('drops, expires and stalls when told to, each watch by itself', async () => {
    api.misbehave.watch = ({ delivered }) => (delivered === 1 ? 'drop' : undefined);
    const dropped = await watch('');
    await dropped.got(1);
    put('second');
    expect(await dropped.ended()).to.equal('cut');

    api.misbehave.watch = ({ delivered }) => (delivered === 2 ? 'expire' : undefined);
    const expired = await watch('');
    put('third');
    expect(await expired.ended()).to.equal('end');
    expect(expired.events.at(-1)?.object).to.include({ code: 410 });

    api.misbehave.watch = undefined;
    const stalled = await watch('');
    await stalled.got(3);
    api.misbehave.breakWatches('stall');
    const healthy = await watch('');
    put('fourth');
    await healthy.got(4);
    expect(stalled.events).to.have.length(3);
  });

  it('closes with open watches and hanging requests', async () => {
    api.misbehave.request = ({ verb }) => (verb === 'get' ? { kind: 'hang' } : undefined);
    const hanging = api.call('GET', '/api/v1/namespaces/default/configmaps/first').then(
      () => 'answered',
      () => 'cut',
    );
    const one = await watch('');
    await one.got(1);
    await api.server.close();
    expect(await hanging).to.equal('cut');
    expect(await one.ended()).to.equal('cut');
  });

  it('watches one object by its path', async () => {
    const one = await api.watch('/api/v1/namespaces/default/configmaps/second?watch=true');
    open.push(one);
    put('first', { app: 'db' });
    put('second');
    expect(seen(await one.got(1))).to.deep.equal(['ADDED second']);
  });

  it('lets go of what a client leaves', async () => {
    let asked = 0;
    api.misbehave.watch = () => {
      asked += 1;
      return undefined;
    };
    const one = await watch('');
    await one.got(1);
    one.stop();
    await until('the watch is gone', () => api.misbehave.openWatches() === 0);
    put('second');
    expect(asked).to.equal(1);
  });
});
