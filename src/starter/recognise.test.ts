import { expect } from 'chai';
import { Mesh } from '../lint/testing/mesh.ts';
import type { LivePod } from '../predict/live-system.ts';
import type { Answer } from './answer-texts.ts';
import { recognise } from './recognise.ts';

const pods = new Mesh().edit('', (pod) => Object.assign(pod, { name: `${pod.workload}-5f6d8` })).pods;
const of = (service: string): readonly LivePod[] =>
  pods.filter(({ services }) => services.some((one) => one.service === `default/${service}`));
const answer = (body: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status: 200,
  headers,
  body,
});

/** What is recognised where each pod of mocka answers by itself. */
const told = (make: (pod: LivePod, index: number) => Answer, wanted = 'default/mocka', entry?: string) =>
  recognise(of('mocka').map(make), pods, { entry: entry ?? 'default/mocka', wanted });

describe('who has given an answer', () => {
  it('is the whole chain that the mock services print', () => {
    const hop = (service: string, { ip, locality }: LivePod): string =>
      `-> ${service}(version: ${locality.zone}, ip: ${ip})`;
    const chain = (index: number): string =>
      ['mocka', 'mockb'].map((name) => hop(name, of(name)[index] as LivePod)).join('');
    const found = told((_, index) => answer(`${chain(index)}\n`), 'default/mockb');
    expect(found?.services).to.deep.equal(['default/mocka', 'default/mockb']);
    expect(found?.pattern).to.deep.equal({
      from: { kind: 'body' },
      hop: '-> {service}(version: {zone}, ip: {ip})',
    });
  });

  it('is a pod, an address or a zone, wherever it stands', () => {
    const cases: [string, (pod: LivePod) => Answer, object][] = [
      [
        'pod in a header',
        ({ name }) => answer('hi', { 'x-pod': name }),
        { from: { kind: 'header', name: 'x-pod' }, hop: '{pod}' },
      ],
      [
        'address between text in a header',
        ({ ip }) => answer('hi', { via: `1.1 ${ip} (shop)` }),
        { from: { kind: 'header', name: 'via' }, hop: '1.1 {ip} (shop)' },
      ],
      [
        'pod deep in JSON',
        ({ name }) => answer(JSON.stringify({ items: [1], 'a/b': { host: name } })),
        { from: { kind: 'pointer', pointer: '/a~1b/host' }, hop: '{pod}' },
      ],
      [
        'service and zone in a list of JSON',
        ({ locality }) => answer(JSON.stringify({ by: [`mocka@${locality.zone}`] })),
        { from: { kind: 'pointer', pointer: '/by' }, hop: '{service}@{zone}' },
      ],
      [
        'zone alone in a header',
        ({ locality }) => answer('', { 'x-zone': locality.zone }),
        { from: { kind: 'header', name: 'x-zone' }, hop: '{zone}' },
      ],
      ['pod alone in the body', ({ name }) => answer(`${name}\n`), { from: { kind: 'body' }, hop: '{pod}' }],
    ];
    for (const [title, make, pattern] of cases) {
      const found = told(make);
      expect(found?.pattern, title).to.deep.equal(pattern);
      expect(found?.services, title).to.deep.equal(['default/mocka']);
    }
  });

  it('is found in a page that differs elsewhere', () => {
    const found = told(({ name }, index) => answer(`<p>visit ${index}</p>\n<i>served by <b>${name}</b></i>\n`));
    expect(found?.pattern).to.deep.equal({ from: { kind: 'body' }, hop: '<i>served by <b>{pod}<', anywhere: true });
  });

  it('is nobody where answers do not say, say it differently, or say what is not of the mesh', () => {
    const makes: [string, (pod: LivePod, index: number) => Answer][] = [
      ['nothing', () => answer('{"status":"ok"}', { server: 'envoy' })],
      ['one answer only', ({ name }, index) => answer('hi', index === 0 ? { 'x-pod': name } : {})],
      ['a counter beside it', ({ name }, index) => answer('hi', { 'x-pod': `${name} ${index}` })],
      [
        'more behind it in other answers',
        ({ name }, index) => answer('hi', { by: `<${name}>${index === 0 ? '' : ' and an error'}` }),
      ],
      ['part of a word', ({ name }) => answer('hi', { 'x-pod': `${name}-old` })],
      ['a pod that is not there', (_, index) => answer('hi', { 'x-pod': `mocka-${index}` })],
      ['the pod of another service', () => answer('hi', { 'x-pod': of('mockc')[0]?.name ?? '' })],
    ];
    for (const [title, make] of makes) expect(told(make), title).to.equal(undefined);
    expect(recognise([], pods, { entry: undefined, wanted: 'default/mocka' })).to.equal(undefined);
  });

  it('is a zone of what the gateways lead to, and of no service behind it', () => {
    const make = ({ locality }: LivePod) => answer('', { 'x-zone': locality.zone });
    expect(told(make, 'default/mockb')).to.equal(undefined);
    expect(told(({ name }) => answer('', { 'x-pod': name }), 'default/mockb')).to.equal(undefined);
  });
});
