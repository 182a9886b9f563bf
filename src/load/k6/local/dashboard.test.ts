import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect } from 'chai';
import { loadOf } from '../../testing/load-fixture.ts';
import { readLogLine } from '../records/log-line.ts';
import { dashboardEnvironment, dashboardOf } from './dashboard.ts';

describe("load/k6/local/dashboard: k6's own dashboard beside the records", () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-dashboard-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is asked for only where the scenario does, without a port, under a whole path', () => {
    expect(dashboardEnvironment(loadOf(), join(folder, 'r'))).to.deep.equal({});
    // k6 has another working folder.
    expect(dashboardEnvironment(loadOf({ dashboard: true }), relative('.', join(folder, 'r')))).to.deep.equal({
      K6_WEB_DASHBOARD: 'true',
      K6_WEB_DASHBOARD_PORT: '-1',
      K6_WEB_DASHBOARD_PERIOD: '1s',
      K6_WEB_DASHBOARD_EXPORT: join(folder, 'k6-dashboard.html'),
    });
  });

  it('is named where it was asked for and k6 has written it', async () => {
    const load = loadOf({ dashboard: true });
    const records = join(folder, 'requests.ndjson');
    expect(await dashboardOf(load, records)).to.deep.equal({});
    await writeFile(join(folder, 'k6-dashboard.html'), '<html>');
    expect(await dashboardOf(load, records)).to.deep.equal({ dashboard: 'k6-dashboard.html' });
    expect(await dashboardOf(loadOf(), records)).to.deep.equal({});
  });
});

describe("load/k6/log-line: k6's log", () => {
  it('reads a line in JSON', () => {
    expect(
      readLogLine('{"level":"info","msg":"hello","source":"console","time":"2026-11-22T14:12:31Z"}'),
    ).to.deep.equal({
      level: 'info',
      message: 'hello',
      source: 'console',
    });
    expect(readLogLine('{"level":"error","msg":"x"}')).to.deep.equal({ level: 'error', message: 'x', source: '' });
  });

  it('takes everything else as it stands', () => {
    for (const text of [
      '',
      'panic: oops',
      'null',
      '7',
      '"x"',
      '[]',
      '{}',
      '{"level":"error"}',
      '{"msg":"x"}',
      '{"lev',
    ]) {
      expect(readLogLine(text), text).to.deep.equal({ level: 'text', message: text, source: '' });
    }
  });
});
