import { expect } from 'chai';
import fc from 'fast-check';
import { frame, grpcMessage, grpcStatusName, healthRequest, servingStatus, unframe } from './grpc.ts';

const hex = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : Buffer.from(bytes).toString('hex'));

/** Reads a protobuf message of one text in field 1, by the rules of the format alone. */
function textOfField1(message: Uint8Array): string {
  if (message.length === 0) return '';
  let [at, length, scale] = [1, 0, 1];
  for (;;) {
    const byte = message[at++] ?? 0;
    length += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte < 0x80) break;
  }
  if (message[0] !== 0x0a || at + length !== message.length) throw new Error('no such message');
  return Buffer.from(message.subarray(at)).toString('utf8');
}

describe('model/grpc', () => {
  it('frames messages, and reads them again', () => {
    expect(hex(frame(Buffer.from('a')))).to.equal('000000000161');
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (message, more) => {
        const framed = frame(message);
        expect(hex(unframe(Buffer.concat([framed, more])))).to.equal(hex(message));
        expect(unframe(framed.subarray(0, framed.length - 1))).to.equal(undefined);
      }),
    );
    expect(unframe(Buffer.from('010000000161', 'hex')), 'compressed').to.equal(undefined);
  });

  it('asks the health service as protoc encodes it', () => {
    expect(hex(healthRequest('shop.Orders'))).to.equal('0a0b73686f702e4f7264657273');
    expect(hex(healthRequest(''))).to.equal('');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (service) => {
        expect(textOfField1(healthRequest(service))).to.equal(service);
      }),
    );
  });

  it('reads what the health service says', () => {
    const said = ['', '0800', '0801', '0802', '0803', '0804', '0a0161', '080101', '08'];
    expect(said.map((one) => servingStatus(Buffer.from(one, 'hex')))).to.deep.equal([
      'UNKNOWN',
      'UNKNOWN',
      'SERVING',
      'NOT_SERVING',
      'SERVICE_UNKNOWN',
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('names a status, and reads its message', () => {
    expect(['0', '14', '16', '17', '-1', '', 'x'.repeat(40)].map(grpcStatusName)).to.deep.equal([
      'OK',
      'UNAVAILABLE',
      'UNAUTHENTICATED',
      'code 17',
      'code -1',
      'code ',
      `code ${'x'.repeat(15)}…`,
    ]);
    expect(grpcMessage('no healthy upstream')).to.equal('no healthy upstream');
    expect(grpcMessage('50%')).to.equal('50%');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(grpcMessage(encodeURIComponent(text))).to.equal(text);
      }),
    );
  });
});
