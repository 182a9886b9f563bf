import { expect } from 'chai';
import { fakePrometheus, valuesOf } from '../../run/abort/testing/fake-prometheus.ts';
import type { OpenTarget } from '../targets/index.ts';
import { checkPrometheus } from './check-prometheus.ts';

/** What the doctor says of a Prometheus that answers so; undefined where the target names none. */
function check(answer?: ReturnType<typeof valuesOf> | Error) {
  const open = answer === undefined ? undefined : { prometheus: fakePrometheus(() => answer), secrets: [] };
  const target = { prometheus: { url: 'https://p' } };
  return checkPrometheus({ target, prometheus: () => open } as unknown as OpenTarget);
}

describe('app/doctor/check-prometheus', () => {
  it('says whether the Prometheus of a target answers, and nothing where it names none', async () => {
    expect(await check(valuesOf(1))).to.deep.equal([
      { what: 'prometheus https://p', ok: true, detail: 'answers with values' },
    ]);
    const [refused] = await check(new Error('401 Unauthorized'));
    expect(refused).to.deep.include({ ok: false, detail: '401 Unauthorized' });
    expect(refused?.fix).to.contain('spec.prometheus');
    expect(await check()).to.deep.equal([]);
  });
});
