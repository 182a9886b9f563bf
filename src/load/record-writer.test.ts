import { expect } from 'chai';
import { FaultlineError } from '../model/errors.ts';
import { emptyRecord } from '../model/record-codec.ts';
import { type RecordFile, RecordWriter } from './record-writer.ts';

/** A file in memory. `accept` says how many bytes of a write are taken, as a full disk takes only some. */
function memory(accept: (length: number) => number | Error | Promise<number>) {
  const state = { text: '', synced: 0, closed: 0 };
  const file: RecordFile = {
    write: async (data, offset, length) => {
      const bytesWritten = await accept(length);
      if (bytesWritten instanceof Error) throw bytesWritten;
      state.text += Buffer.from(data.subarray(offset, offset + bytesWritten)).toString('latin1');
      return { bytesWritten };
    },
    sync: async () => {
      state.synced += 1;
    },
    close: async () => {
      state.closed += 1;
    },
  };
  return { file, state };
}

const HEAD = { engine: 'undici', paths: ['p'] };
const ENOSPC = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });

function dropped(seq: number) {
  return { ...emptyRecord(), seq };
}

describe('load/record-writer', () => {
  it('writes header and paths first and everything in order, also in small bites', async () => {
    const { file, state } = memory((length) => Math.min(length, 7));
    const writer = new RecordWriter(file, HEAD);
    writer.chain(0, { hops: [], rest: 'r' });
    writer.text(0, 't');
    writer.request(dropped(0));
    writer.flush();
    writer.request(dropped(1));
    writer.flush();
    await writer.close();
    expect(state.text.split('\n')).to.deep.equal([
      '{"format":"faultline/requests","v":1,"engine":"undici"}',
      '{"path":0,"id":"p"}',
      '{"chain":0,"hops":[],"rest":"r"}',
      '{"text":0,"value":"t"}',
      '{"p":0,"n":0,"due":0,"d":1}',
      '{"p":0,"n":1,"due":0,"d":1}',
      '',
    ]);
    expect(state).to.include({ synced: 1, closed: 1 });
    expect(writer.lost).to.equal(0);
  });

  it('writes no secret that a target has said', async () => {
    const { file, state } = memory((length) => length);
    const writer = new RecordWriter(file, { ...HEAD, hidden: ['s3cret'] });
    writer.chain(0, { hops: [{ service: 'mocka', zone: 'z', ip: '' }], rest: 'you said s3cret' });
    await writer.close();
    expect(state.text).to.contain('you said [redacted]').and.to.not.contain('s3cret');
  });

  it('counts every line that a failed write lost, and rejects when it is closed', async () => {
    let writes = 0;
    const { file, state } = memory((length) => (writes++ === 0 ? length : ENOSPC));
    const writer = new RecordWriter(file, HEAD);
    writer.request(dropped(0));
    writer.flush();
    writer.request(dropped(1));
    writer.request(dropped(2));
    const error: unknown = await writer.close().catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(FaultlineError);
    expect((error as Error).message).to.include('ENOSPC');
    writer.request(dropped(3));
    expect(writer.lost).to.equal(3);
    expect(writer.failure).to.equal(ENOSPC);
    expect(state.closed).to.equal(1);
  });

  it('counts the lines that waited behind a failed write', async () => {
    const { file } = memory(() => ENOSPC);
    const writer = new RecordWriter(file, HEAD);
    writer.request(dropped(0));
    writer.flush();
    writer.request(dropped(1));
    await writer.close().catch(() => {});
    expect(writer.lost).to.equal(2);
  });

  it('rejects when the disk fails only at the sync', async () => {
    const { file } = memory((length) => length);
    const writer = new RecordWriter({ ...file, sync: () => Promise.reject(ENOSPC) }, HEAD);
    expect(await writer.close().catch((reason: Error) => reason.message)).to.include('ENOSPC');
  });

  it('gives up request lines when the disk cannot follow, and never a line of a chain or of words', async () => {
    const gate = Promise.withResolvers<void>();
    const { file, state } = memory((length) => gate.promise.then(() => length));
    const writer = new RecordWriter(file, HEAD, 200);
    writer.flush();
    for (let seq = 0; seq < 100; seq += 1) {
      writer.request(dropped(seq));
      writer.flush();
    }
    writer.chain(7, { hops: [], rest: 'kept' });
    writer.text(8, 'kept');
    gate.resolve();
    await writer.close();
    const lines = state.text.split('\n').slice(2, -1);
    expect(lines.slice(-2)).to.deep.equal(['{"chain":7,"hops":[],"rest":"kept"}', '{"text":8,"value":"kept"}']);
    expect(lines.length - 2).to.be.within(1, 10);
    expect(writer.lost).to.equal(100 - (lines.length - 2));
    expect(writer.failure).to.equal(undefined);
  });
});
