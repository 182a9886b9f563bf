import { expect } from 'chai';
import { made, metadataOf, NAMESPACE, type Opened, PATCH, refusal } from './kube-tools.ts';
import type { JsonMap } from './raw-api.ts';

const LEASES = `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases`;

const lease = (name: string, spec: JsonMap): JsonMap => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name },
  spec,
});

/** What a lock rests on. */
export function leaseContract(at: Opened): void {
  it('go to one of two who have read the same version', async () => {
    const first = await made(at, LEASES, lease('lock', { leaseTransitions: 0 }));
    const take = (holderIdentity: string) => [
      { op: 'test', path: '/metadata/resourceVersion', value: String(metadataOf(first).resourceVersion) },
      { op: 'add', path: '/spec', value: { holderIdentity, leaseDurationSeconds: 60 } },
    ];
    const answers = await Promise.all(
      ['one', 'two'].map((who) => at.api.call('PATCH', `${LEASES}/lock`, take(who), PATCH)),
    );
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([200, 422]);
    const winner = answers.find(({ status }) => status === 200)?.body;
    const { body } = await at.api.call('GET', `${LEASES}/lock`);
    expect(body.spec).to.deep.equal(winner?.spec);
    expect(body.spec).to.include({ leaseDurationSeconds: 60 });
  });

  it('have times of six digits, and durations that can be', async () => {
    const renewTime = '2026-11-22T00:00:00.000000Z';
    const kept = await made(at, LEASES, lease('timed', { renewTime, acquireTime: renewTime }));
    expect(kept.spec).to.deep.equal({ renewTime, acquireTime: renewTime });
    const short = await at.api.call('POST', LEASES, lease('short', { renewTime: '2026-11-22T00:00:00.123Z' }));
    expect(refusal(short)).to.equal(
      '400 BadRequest: Lease in version "v1" cannot be handled as a Lease: parsing time "2026-11-22T00:00:00.123Z" as ' +
        '"2006-01-02T15:04:05.000000Z07:00": cannot parse ".123Z" as ".000000"',
    );
    const spec = { leaseDurationSeconds: 0, leaseTransitions: -1 };
    expect(refusal(await at.api.call('POST', LEASES, lease('never', spec)))).to.equal(
      '422 Invalid: Lease.coordination.k8s.io "never" is invalid: [spec.leaseDurationSeconds: Invalid value: 0: ' +
        'must be greater than 0, spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0]',
    );
  });
}
