import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ScriptLog } from './script-log.ts';

describe('load/k6/records/script-log: what a script has said', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faultline-script-log-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const kept = () => readFile(join(folder, 'k6.log'), 'utf8').catch(() => undefined);

  it('is kept beside the records, and only where something was said', async () => {
    const log = new ScriptLog(join(folder, 'requests.ndjson'));
    await log.save();
    expect(await kept()).to.equal(undefined);
    log.add('hello');
    log.add('world');
    await log.save();
    log.add('again');
    await log.save();
    expect(await kept()).to.equal('hello\nworld\nagain\n');
  });

  it('holds no secret', async () => {
    const log = new ScriptLog(join(folder, 'requests.ndjson'), ['s3cret']);
    log.add('sent with s3cret');
    log.add('logged in, {"access_token":"abc"}');
    await log.save();
    expect(await kept()).to.equal('sent with [redacted]\nlogged in, {"access_token":"[redacted]"}\n');
  });

  it('is no reason for a run to fail where it cannot be kept', async () => {
    const log = new ScriptLog(join(folder, 'nowhere', 'requests.ndjson'));
    log.add('hello');
    await log.save();
    expect(await kept()).to.equal(undefined);
  });

  it('is cut where it is too much, and says so once', async () => {
    const log = new ScriptLog(join(folder, 'requests.ndjson'));
    for (let i = 0; i < 11; i += 1) log.add('x'.repeat(99_999));
    await log.save();
    log.add('more');
    await log.save();
    const text = (await kept()) ?? '';
    expect(text.length).to.be.within(1_000_000, 1_048_576);
    expect(text.endsWith('\nwhat came after this was not kept\n')).to.equal(true);
    expect(text.match(/not kept/g)).to.have.length(1);
  });
});
