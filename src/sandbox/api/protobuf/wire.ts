import { badRequest } from '../errors.ts';

/** One field as it stands on the wire. */
export type WireField = { readonly number: number; readonly value: bigint | Buffer };

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;
const MAX_VARINT_BYTES = 10;

function truncated(): Error {
  return badRequest('the protobuf body is cut off');
}

/** Reads the fields of one protobuf message in order (protobuf.dev/programming-guides/encoding). */
export function readFields(bytes: Buffer): WireField[] {
  const fields: WireField[] = [];
  let offset = 0;

  const varint = (): bigint => {
    let value = 0n;
    for (let index = 0; index < MAX_VARINT_BYTES; index += 1) {
      const byte = bytes[offset];
      if (byte === undefined) throw truncated();
      offset += 1;
      value |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    throw badRequest('the protobuf body holds a number that is too long');
  };

  const take = (length: number): Buffer => {
    if (length < 0 || offset + length > bytes.length) throw truncated();
    offset += length;
    return bytes.subarray(offset - length, offset);
  };

  while (offset < bytes.length) {
    const tag = Number(varint());
    const type = tag & 7;
    const number = tag >>> 3;
    if (type === VARINT) fields.push({ number, value: varint() });
    else if (type === BYTES) fields.push({ number, value: take(Number(varint())) });
    else if (type === FIXED64 || type === FIXED32) fields.push({ number, value: take(type === FIXED64 ? 8 : 4) });
    else throw badRequest(`the protobuf body holds a field of wire type ${type}`);
  }
  return fields;
}
