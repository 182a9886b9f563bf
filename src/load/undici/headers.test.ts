import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { HeaderChange } from '../../model/ports.ts';
import { hrtimeMicros } from '../clock.ts';
import { undiciEngine } from '../index.ts';
import { loadOf, pathTo } from '../testing/load-fixture.ts';
import { ownTargets } from '../testing/own-targets.ts';
import { until } from '../testing/run-load.ts';

describe('load/undici: headers that change', () => {
  const target = ownTargets();

  it('are sent as they are now, and hidden when a server says them', async () => {
    const heard: string[] = [];
    const { port } = await target((request, response) => {
      const token = String(request.headers['x-token']);
      if (heard.at(-1) !== token) heard.push(token);
      response.end(`you said ${token}`);
    });
    const folder = mkdtempSync(join(tmpdir(), 'faultline-headers-'));
    try {
      const file = join(folder, 'requests.ndjson');
      let tell: (change: HeaderChange) => void = () => {};
      const handle = await undiciEngine().start({
        load: { ...loadOf({}, { headers: { 'x-token': 'first-s3cret' } }), hidden: ['first-s3cret'] },
        paths: [pathTo(port)],
        file,
        zero: hrtimeMicros(),
        longestMs: 60_000,
        onHeaders: (listen) => {
          tell = listen;
        },
      });
      await until(() => heard.length === 1);
      const headers = [{ path: 'entry', name: 'x-token', value: 'second-s3cret' }];
      tell({ headers, hidden: ['first-s3cret', 'second-s3cret'] });
      await until(() => heard.length === 2);
      await handle.stop();
      expect(heard).to.deep.equal(['first-s3cret', 'second-s3cret']);
      expect(readFileSync(file, 'utf8')).to.contain('you said').and.to.not.contain('s3cret');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
