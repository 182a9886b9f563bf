import { expect } from 'chai';
import {
  APPS,
  CORE,
  configMap,
  deployment,
  ISTIO,
  MERGE,
  made,
  metadataOf,
  type Opened,
  PATCH,
  refusal,
  rule,
  STRATEGIC,
} from './kube-tools.ts';
import type { Answer, JsonMap } from './raw-api.ts';

/** Objects are made, and refused. */
export function objectContract(at: Opened): void {
  it('are made once, and named when they are asked for in vain', async () => {
    await made(at, `${CORE}/configmaps`, configMap('once'));
    expect(refusal(await at.api.call('POST', `${CORE}/configmaps`, configMap('once')))).to.equal(
      '409 AlreadyExists: configmaps "once" already exists',
    );
    expect(refusal(await at.api.call('GET', `${APPS}/deployments/none`))).to.equal(
      '404 NotFound: deployments.apps "none" not found',
    );
    expect(refusal(await at.api.call('GET', `${APPS}/nothings`))).to.equal(
      '404 NotFound: the server could not find the requested resource',
    );
  });

  it('are not changed on an outdated version', async () => {
    const first = await made(at, `${CORE}/configmaps`, configMap('stale'));
    const changed = await at.api.call('PUT', `${CORE}/configmaps/stale`, { ...first, data: { a: '2' } });
    expect(changed.status).to.equal(200);
    expect(refusal(await at.api.call('PUT', `${CORE}/configmaps/stale`, { ...first, data: { a: '3' } }))).to.equal(
      '409 Conflict: Operation cannot be fulfilled on configmaps "stale": the object has been modified; ' +
        'please apply your changes to the latest version and try again',
    );
  });

  it('are not taken for others of the same name', async () => {
    await made(at, `${CORE}/configmaps`, configMap('other'));
    const uid = '00000000-0000-4000-8000-000000000000';
    const options = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid } };
    const refused = await at.api.call('DELETE', `${CORE}/configmaps/other`, options);
    expect(refusal(refused)).to.contain(
      '409 Conflict: Operation cannot be fulfilled on ConfigMap "other": ' +
        `the UID in the precondition (${uid}) does not match the UID in record (`,
    );
    expect((await at.api.call('GET', `${CORE}/configmaps/other`)).status).to.equal(200);
  });
}

/** Objects go in their own time, or not at all. */
export function lifeContract(at: Opened): void {
  it('are not made, changed or deleted in a dry run', async () => {
    expect((await at.api.call('POST', `${CORE}/configmaps?dryRun=All`, configMap('dry'))).status).to.equal(201);
    expect((await at.api.call('GET', `${CORE}/configmaps/dry`)).status).to.equal(404);
    await made(at, `${CORE}/configmaps`, configMap('dry'));
    const ops = [{ op: 'replace', path: '/data/a', value: '9' }];
    const patched = await at.api.call('PATCH', `${CORE}/configmaps/dry?dryRun=All`, ops, PATCH);
    expect(patched.body.data).to.deep.equal({ a: '9' });
    // Admission is asked so what it makes of an object as it stands.
    const { body: kept } = await at.api.call('GET', `${CORE}/configmaps/dry`);
    const uid = String(metadataOf(kept).uid);
    const asked = (value: string) =>
      at.api.call('PATCH', `${CORE}/configmaps/dry?dryRun=All`, [{ op: 'test', path: '/metadata/uid', value }], PATCH);
    expect((await asked(uid)).body).to.deep.equal(kept);
    expect((await asked('another')).status).to.equal(422);
    await at.api.call('DELETE', `${CORE}/configmaps/dry?dryRun=All`);
    expect((await at.api.call('GET', `${CORE}/configmaps/dry`)).body.data).to.deep.equal({ a: '1' });
  });

  it('wait for their finalizers', async () => {
    await made(
      at,
      `${CORE}/configmaps`,
      configMap('held', { metadata: { name: 'held', finalizers: ['example.com/hold'] } }),
    );
    await at.api.call('DELETE', `${CORE}/configmaps/held`);
    const waiting = await at.api.call('GET', `${CORE}/configmaps/held`);
    expect(metadataOf(waiting.body)).to.have.property('deletionTimestamp');
    const ops = [{ op: 'remove', path: '/metadata/finalizers' }];
    expect((await at.api.call('PATCH', `${CORE}/configmaps/held`, ops, PATCH)).status).to.equal(200);
    expect((await at.api.call('GET', `${CORE}/configmaps/held`)).status).to.equal(404);
  });

  it('get a name from generateName', async () => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'made-' } };
    expect(metadataOf(await made(at, `${CORE}/configmaps`, object)).name).to.match(
      /^made-[bcdfghjklmnpqrstvwxz2456789]{5}$/,
    );
  });
}

/** The three kinds of patches. */
export function patchContract(at: Opened): void {
  it('of JSON test first, all or nothing', async () => {
    await made(at, `${CORE}/configmaps`, configMap('tested'));
    const path = `${CORE}/configmaps/tested`;
    const change = (value: string) => [
      { op: 'test', path: '/data/a', value },
      { op: 'replace', path: '/data/a', value: '2' },
    ];
    expect(refusal(await at.api.call('PATCH', path, change('x'), PATCH))).to.equal(
      '422 Invalid: the server rejected our request due to an error in our request',
    );
    expect((await at.api.call('PATCH', path, change('1'), PATCH)).body.data).to.deep.equal({ a: '2' });
    expect((await at.api.call('PATCH', path, [{ op: 'remove', path: '/data/none' }], PATCH)).status).to.equal(422);
  });

  it('of the merge kind take away by null', async () => {
    await made(at, `${CORE}/configmaps`, configMap('merged'));
    const { body } = await at.api.call('PATCH', `${CORE}/configmaps/merged`, { data: { a: null, b: '2' } }, MERGE);
    expect(body.data).to.deep.equal({ b: '2' });
  });

  it('of the strategic kind know their lists, and custom resources know none of it', async () => {
    await made(at, `${APPS}/deployments?dryRun=All`, deployment('patched'));
    await made(at, `${APPS}/deployments`, deployment('patched', { replicas: 0 }));
    const containers = [{ name: 'web', env: [{ name: 'version', value: '2' }] }];
    const patch = { spec: { template: { spec: { containers } } } };
    const { body } = await at.api.call('PATCH', `${APPS}/deployments/patched`, patch, STRATEGIC);
    const template = (body.spec as JsonMap).template as JsonMap;
    const [container] = (template.spec as JsonMap).containers as JsonMap[];
    expect(container?.env).to.deep.equal([
      { name: 'app', value: 'web' },
      { name: 'version', value: '2' },
    ]);
    await made(at, `${ISTIO}/destinationrules`, rule('patched', { host: 'web' }));
    const refused = await at.api.call('PATCH', `${ISTIO}/destinationrules/patched`, { spec: {} }, STRATEGIC);
    expect(refused.status).to.equal(415);
    expect(refused.body.reason).to.equal('UnsupportedMediaType');
  });
}

/** Lists and watches. */
export function listContract(at: Opened): void {
  it('select by label and name, and go on in pages', async () => {
    for (const name of ['page-a', 'page-b', 'page-c']) {
      await made(at, `${CORE}/configmaps`, configMap(name, { metadata: { name, labels: { group: 'pages' } } }));
    }
    const names = ({ body }: Answer) => (body.items as JsonMap[]).map((item) => metadataOf(item).name);
    const path = `${CORE}/configmaps?labelSelector=group%3Dpages`;
    expect(names(await at.api.call('GET', path))).to.deep.equal(['page-a', 'page-b', 'page-c']);
    const first = await at.api.call('GET', `${path}&limit=2`);
    expect(names(first)).to.deep.equal(['page-a', 'page-b']);
    const { continue: next = '', remainingItemCount } = metadataOf(first.body);
    expect(remainingItemCount ?? 1).to.equal(1);
    const rest = await at.api.call('GET', `${path}&limit=2&continue=${encodeURIComponent(String(next))}`);
    expect(names(rest)).to.deep.equal(['page-c']);
    expect(names(await at.api.call('GET', `${CORE}/configmaps?fieldSelector=metadata.name%3Dpage-b`))).to.deep.equal([
      'page-b',
    ]);
    const none = await at.api.call('GET', `${CORE}/configmaps?labelSelector=group%20in%20(none)`);
    expect(names(none)).to.deep.equal([]);
  });

  it('tell every change after a version, in order', async () => {
    const { body } = await at.api.call('GET', `${CORE}/configmaps`);
    const since = String(metadataOf(body).resourceVersion);
    await made(at, `${CORE}/configmaps`, configMap('watched'));
    await at.api.call('PATCH', `${CORE}/configmaps/watched`, { data: { a: '2' } }, MERGE);
    await at.api.call('DELETE', `${CORE}/configmaps/watched`);
    const query = `watch=true&timeoutSeconds=2&fieldSelector=metadata.name%3Dwatched&resourceVersion=${since}`;
    const { text } = await at.api.call('GET', `${CORE}/configmaps?${query}`);
    const events = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string });
    expect(events.map(({ type }) => type)).to.deep.equal(['ADDED', 'MODIFIED', 'DELETED']);
  });
}
