import { expect } from 'chai';
import { ApiError } from '../errors.ts';
import type { JsonMap } from '../json.ts';
import { resourceOf } from '../resources.ts';
import { type Applied, serverSideApply } from './apply.ts';
import { managersAfterUpdate } from './managed-fields.ts';
import { mergeRules } from './schema.ts';

describe('server-side apply', () => {
  const rule = mergeRules(resourceOf({ apiVersion: 'apps/v1', kind: 'Deployment' }));
  const time = '2026-01-01T00:00:00Z';
  const apply = (live: JsonMap, config: JsonMap, manager: string, force = false): Applied =>
    serverSideApply({
      live,
      config,
      writer: { manager, operation: 'Apply', apiVersion: 'apps/v1' },
      force,
      rule,
      time,
    });
  const stored = ({ object, managedFields }: Applied): JsonMap => ({
    ...object,
    metadata: { ...(object.metadata as JsonMap), managedFields },
  });
  const write = (live: JsonMap, next: JsonMap, manager: string): JsonMap => {
    const writer = { manager, operation: 'Update', apiVersion: 'apps/v1' } as const;
    const after = {
      ...next,
      metadata: {
        ...(next.metadata as JsonMap),
        managedFields: (live.metadata as JsonMap | undefined)?.managedFields ?? [],
      },
    };
    const managedFields = managersAfterUpdate({ before: live, after, writer, rule, time });
    return { ...next, metadata: { ...(next.metadata as JsonMap), managedFields } };
  };
  const spec = (replicas: number, containers: JsonMap[] = []): JsonMap => ({
    metadata: { name: 'd' },
    spec: { replicas, template: { spec: { containers } } },
  });
  const container = (name: string, more: JsonMap = {}): JsonMap => ({ name, image: `${name}:1`, ...more });

  const empty: JsonMap = { metadata: { name: 'd' } };

  it('sets what the configuration names and leaves the rest', () => {
    const live = write(empty, { metadata: { name: 'd', labels: { other: 'x' } }, spec: { paused: true } }, 'editor');
    const { object } = apply(live, { metadata: { name: 'd', labels: { mine: 'y' } }, spec: { replicas: 2 } }, 'gitops');
    expect(object.spec).to.deep.equal({ paused: true, replicas: 2 });
    expect((object.metadata as JsonMap).labels).to.deep.equal({ other: 'x', mine: 'y' });
  });

  it('refuses to change a field of another manager, names it, and yields to force', () => {
    const live = write(empty, spec(3), 'kubectl-edit');
    expect(() => apply(live, spec(2), 'gitops')).to.throw(
      ApiError,
      'Apply failed with 1 conflict: conflict with "kubectl-edit" using apps/v1: .spec.replicas',
    );
    const forced = stored(apply(live, spec(2), 'gitops', true));
    expect((forced.spec as JsonMap).replicas).to.equal(2);
    const managers = (forced.metadata as { managedFields: { manager: string; fieldsV1: JsonMap }[] }).managedFields;
    const owners = managers
      .filter((one) => JSON.stringify(one.fieldsV1).includes('f:replicas'))
      .map((one) => one.manager);
    expect(owners).to.deep.equal(['gitops']);
  });

  it('shares a field on which both agree', () => {
    const live = stored(apply(empty, spec(2), 'one'));
    const shared = stored(apply(live, spec(2), 'two'));
    const released = stored(apply(shared, { metadata: { name: 'd' } }, 'two'));
    expect((released.spec as JsonMap).replicas).to.equal(2);
    expect(() => apply(shared, spec(5), 'one')).to.throw('conflict with "two": .spec.replicas');
  });

  it('removes what the applier no longer names and nobody else owns', () => {
    const labels = (names: readonly string[]): JsonMap => ({
      metadata: { name: 'd', labels: Object.fromEntries(names.map((name) => [name, 'x'])) },
    });
    const first = stored(apply(empty, labels(['keep', 'drop']), 'gitops'));
    const second = apply(first, labels(['keep']), 'gitops');
    expect((second.object.metadata as JsonMap).labels).to.deep.equal({ keep: 'x' });
  });

  it('owns items of keyed lists one by one', () => {
    const first = stored(apply(empty, spec(1, [container('a'), container('b')]), 'gitops'));
    const other = stored(
      apply(
        first,
        {
          metadata: { name: 'd' },
          spec: { template: { spec: { containers: [{ name: 'b', env: [{ name: 'X', value: '1' }] }] } } },
        },
        'sidecar',
      ),
    );
    const { object } = apply(other, spec(1, [container('a')]), 'gitops');
    expect(object.spec).to.deep.equal({
      replicas: 1,
      template: { spec: { containers: [container('a'), { name: 'b', env: [{ name: 'X', value: '1' }] }] } },
    });
    const conflict = (): Applied =>
      apply(other, spec(1, [container('a', { image: 'a:1' }), { name: 'b', image: 'b:2' }]), 'third');
    expect(conflict).to.throw('conflict with "gitops": .spec.template.spec.containers[name="b"].image');
  });

  it('knows ports by number and protocol, TCP when nothing is said', () => {
    const ports = (list: JsonMap[]): JsonMap => spec(1, [container('a', { ports: list })]);
    const first = stored(apply(empty, ports([{ containerPort: 80, protocol: 'TCP' }]), 'gitops'));
    const { object } = apply(
      first,
      ports([
        { containerPort: 80, name: 'http' },
        { containerPort: 80, protocol: 'UDP' },
      ]),
      'gitops',
    );
    expect(object.spec).to.deep.nested.include({
      'template.spec.containers[0].ports': [
        { containerPort: 80, name: 'http' },
        { containerPort: 80, protocol: 'UDP' },
      ],
    });
  });

  it('takes a list of Istio as a whole', () => {
    const gateway = mergeRules(resourceOf({ apiVersion: 'networking.istio.io/v1', kind: 'Gateway' }));
    const writer = { manager: 'm', operation: 'Apply', apiVersion: 'networking.istio.io/v1' } as const;
    const config = { spec: { servers: [{ hosts: ['a'] }] } };
    const { object } = serverSideApply({
      live: { spec: { servers: [{ hosts: ['b'] }] } },
      config,
      writer,
      force: true,
      rule: gateway,
      time,
    });
    expect(object.spec).to.deep.equal({ servers: [{ hosts: ['a'] }] });
  });

  it('takes a field that is gone from everybody who owned it', () => {
    const live = stored(apply(empty, spec(2), 'gitops'));
    const without = write(
      live,
      { metadata: { name: 'd' }, spec: { template: { spec: { containers: [] } } } },
      'editor',
    );
    expect(JSON.stringify((without.metadata as JsonMap).managedFields)).to.not.include('f:replicas');
  });

  it('moves the time of an entry only with its fields', () => {
    const first = stored(apply(empty, spec(1), 'gitops'));
    const later = serverSideApply({
      live: first,
      config: spec(1),
      writer: { manager: 'gitops', operation: 'Apply', apiVersion: 'apps/v1' },
      force: false,
      rule,
      time: '2027-01-01T00:00:00Z',
    });
    expect(later.managedFields).to.deep.equal((first.metadata as JsonMap).managedFields);
  });
});
