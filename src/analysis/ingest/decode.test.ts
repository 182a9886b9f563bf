import { expect } from 'chai';
import fc from 'fast-check';
import { type RecordVisitor, type RequestRecord, TRANSPORT_ERRORS } from '../../model/record.ts';
import {
  decodeLine,
  emptyRecord,
  encodeChain,
  encodeHeader,
  encodePath,
  encodeRequest,
  encodeText,
} from '../../model/record-codec.ts';
import { RecordDecoder } from './decode.ts';

/** Everything a visitor was told, as text. */
class Log implements RecordVisitor {
  readonly lines: string[] = [];
  header(...args: unknown[]): void {
    this.lines.push(`header ${JSON.stringify(args)}`);
  }
  path(...args: unknown[]): void {
    this.lines.push(`path ${JSON.stringify(args)}`);
  }
  chain(...args: unknown[]): void {
    this.lines.push(`chain ${JSON.stringify(args)}`);
  }
  text(...args: unknown[]): void {
    this.lines.push(`text ${JSON.stringify(args)}`);
  }
  request(record: RequestRecord): void {
    this.lines.push(`request ${JSON.stringify(record)}`);
  }
  corrupt(...args: unknown[]): void {
    this.lines.push(`corrupt ${JSON.stringify(args)}`);
  }
}

function fast(bytes: Uint8Array, size: number): string[] {
  const log = new Log();
  const decoder = new RecordDecoder(log);
  for (let at = 0; at < bytes.length; at += size) decoder.push(bytes.subarray(at, at + size));
  decoder.end();
  return log.lines;
}

function slow(text: string): string[] {
  const log = new Log();
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const record = emptyRecord();
  lines.forEach((line, index) => {
    decodeLine(line, index + 1, record, log);
  });
  return log.lines;
}

const micros = fc.integer({ min: 0, max: 9e12 });
const request = fc
  .record({
    path: fc.nat(20),
    seq: fc.nat(),
    due: micros,
    start: micros,
    end: micros,
    ended: fc.constantFrom('response' as const, 'error' as const, 'dropped' as const),
    status: fc.integer({ min: 0, max: 999 }),
    error: fc.constantFrom(...TRANSPORT_ERRORS),
    chain: fc.integer({ min: -1, max: 50 }),
    text: fc.integer({ min: -1, max: 9 }),
    fresh: fc.boolean(),
  })
  .map((record) => encodeRequest(record));
/** A request line of which a piece was taken out, written twice or put elsewhere. */
const damaged = fc
  .tuple(request, fc.nat(120), fc.nat(12), fc.nat(120), fc.boolean())
  .map(([line, from, length, to, isTaken]) => {
    const piece = line.slice(from, from + length).replaceAll('\n', '');
    const rest = isTaken ? line.slice(0, from) + line.slice(from + length) : line;
    const whole = length > 0 && to % 3 > 0 ? rest.slice(0, to) + piece + rest.slice(to) : rest;
    return `${whole.replaceAll('\n', '')}\n`;
  });
const other = fc.oneof(
  damaged,
  fc.string().map((id) => encodePath(3, id)),
  fc.string().map((rest) => encodeChain(1, { hops: [{ service: 's', zone: 'z', ip: '' }], rest })),
  fc.string().map((words) => encodeText(2, words)),
  fc.constant(encodeHeader({ format: 'faultline/requests', v: 1, engine: 'x' })),
  fc.string({ unit: 'binary-ascii' }).map((text) => `${text.replaceAll('\n', '')}\n`),
  fc.constantFrom(
    '\n',
    '{"p":01,"n":1,"due":1,"d":1}\n',
    '{"p":1,"n":1,"due":1,"d":1} \n',
    '{"p":1,"n":1,"due":1e3,"d":1}\n',
    '{"p":1,"n":1,"due":12345678901234567890,"d":1}\n',
    '{"p":1,"n":1,"due":-1,"d":1}\n',
    '{"n":1,"p":1,"due":1,"d":1}\n',
    '{"p":1,"n":1,"due":1,"t0":1,"t1":2,"e":"nonsense","f":0}\n',
    '{"p":1,"n":1,"due":1,"t0":1,"t1":2,"s":200,"c":1,"f":2}\n',
    '{"p":1,"n":1,"due":1,"t0":1,"t1":2,"s":200}\n',
    '{"p":1,"n":1,"due":1,"t0":1,"t1":2,"s":200,"c":-12,"f":0}\n',
    '{"p":1,"n":1,"due":1,"t0":1,"t1":2,"e":"tls","x":-1,"f":1}\n',
    '{"p":1,"n":1,"due":1,"d":12}\n',
    '{"p":1,"n":1,"due":1,"d":1,"f":1}\n',
    '{"p":1,"n":1,"due":1,"t0":1,"t1":2,"s":200,"c":1,"f":0}{"p":1}\n',
    '{"p":1,"n":1,"due":1,"t0":,"d":1}\n',
    '{"p":1,"n":1,"due":1,"t0":1,"t1":,"d":1}\n',
    '{"p":1,"n":1,"due":1,"t0":1,"t1":2,"s":,"e":"tls","f":0}\n',
    '{"p":1,"n":1,"due":1,"t0":1,"t1":2,"s":200-1,"f":0}\n',
    '{"p":1,"n":1,"due":1,"t0":1,"t1":2,"s":200,"c":-1,"f":0}\n',
    '{"p":1,"n":1,"due":1,"t0":1,"t1":2,"s":200,"c":,"x":1,"f":0}\n',
    '{"p":1,"n":1,"due":1,"t0":1,"t1":2,"s":200,"c":1,"f":,"x":1,"f":0}\n',
  ),
);

describe('analysis: record decoder', () => {
  it('tells a visitor what decodeLine tells, wherever the chunks are cut', () => {
    const file = fc.array(fc.oneof({ weight: 3, arbitrary: request }, other), { maxLength: 30 });
    // Lines near the end of a chunk are read in another way than those before.
    const sizes = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.constant(1 << 16));
    fc.assert(
      fc.property(file, sizes, fc.nat(80), (lines, size, torn) => {
        const whole = lines.join('');
        const text = whole.slice(0, Math.max(0, whole.length - torn));
        expect(fast(new TextEncoder().encode(text), size)).to.deep.equal(slow(text));
      }),
      { numRuns: 800 },
    );
  });

  it('skips a line without end and reads on behind it', () => {
    const long = new Uint8Array(3 << 20).fill(120);
    const tail = new TextEncoder().encode(`\n${encodePath(0, 'a')}`);
    const bytes = new Uint8Array(long.length + tail.length);
    bytes.set(long);
    bytes.set(tail, long.length);
    const log = fast(bytes, 65_536);
    expect(log).to.deep.equal(['corrupt [1,"(line too long)"]', 'path [0,"a"]']);
  });
});
