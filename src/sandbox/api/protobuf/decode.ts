import type { Json } from '../../../model/scenario.ts';
import { badRequest } from '../errors.ts';
import { type JsonMap, mapOf, stringOf } from '../json.ts';
import { type FieldRule, findMessage } from './messages.ts';
import { readFields, type WireField } from './wire.ts';

const MAGIC = Buffer.from('k8s\0');
const MAX_DEPTH = 40;

/**
 * Reads a body of `application/vnd.kubernetes.protobuf`, which typed Go clients such as `kubectl create` send: the magic
 * bytes, then a runtime.Unknown with kind and content (k8s.io/apimachinery/pkg/runtime/serializer/protobuf).
 */
export function decodeProtobuf(bytes: Buffer): Json {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw badRequest('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  }
  const [unknown, raw] = readEnvelope(bytes.subarray(MAGIC.length));
  const { apiVersion = '', kind = '' } = mapOf(unknown.typeMeta);
  return { kind, apiVersion, ...decodeMessage(raw, stringOf(kind), 0) };
}

function readEnvelope(bytes: Buffer): [JsonMap, Buffer] {
  const raw = readFields(bytes).find((field) => field.number === 2)?.value;
  return [decodeMessage(bytes, 'Unknown', 0), Buffer.isBuffer(raw) ? raw : Buffer.alloc(0)];
}

function decodeMessage(bytes: Buffer, name: string, depth: number): JsonMap {
  const message = findMessage(name);
  if (message === undefined || depth > MAX_DEPTH)
    throw badRequest(`the sandbox cannot read ${name} as protobuf: use kubectl apply -f, which sends JSON`);
  const result: JsonMap = {};
  for (const field of readFields(bytes)) {
    const rule = message.get(field.number);
    if (rule === undefined) {
      throw badRequest(
        `the sandbox does not know field ${field.number} of ${name} as protobuf: use kubectl apply -f, which sends JSON`,
      );
    }
    addField(result, rule, field, depth);
  }
  return result;
}

function addField(result: JsonMap, rule: FieldRule, { value }: WireField, depth: number): void {
  if (rule.type === 'skip' || rule.type === 'raw') return;
  if (rule.shape === 'map') {
    const [key, item] = mapEntry(value, rule, depth);
    result[rule.name] = { ...mapOf(result[rule.name]), [key]: item };
    return;
  }
  const decoded = decodeValue(value, rule.type, depth);
  if (rule.inline) Object.assign(result, decoded);
  else if (rule.shape === 'list') {
    const list = result[rule.name];
    result[rule.name] = [...(Array.isArray(list) ? list : []), decoded ?? null];
  } else if (decoded !== undefined && (rule.pointer || !isZero(decoded))) result[rule.name] = decoded;
}

/** Go writes every field that is no pointer, also when it was never set. */
function isZero(value: Json): boolean {
  return value === '' || value === 0 || value === false;
}

function mapEntry(value: bigint | Buffer, rule: FieldRule, depth: number): [string, Json] {
  const parts = readFields(asBytes(value));
  const key = parts.find((part) => part.number === 1)?.value;
  const item = parts.find((part) => part.number === 2)?.value ?? Buffer.alloc(0);
  return [key === undefined ? '' : asBytes(key).toString('utf8'), decodeValue(item, rule.type, depth) ?? null];
}

function decodeValue(value: bigint | Buffer, type: string, depth: number): Json | undefined {
  switch (type) {
    case 's':
      return asBytes(value).toString('utf8');
    case 'bytes':
      return asBytes(value).toString('base64');
    case 'i':
      return Number(asNumber(value));
    case 'b':
      return asNumber(value) !== 0n;
    default:
      return SPECIAL[type]?.(readFields(asBytes(value))) ?? plainMessage(value, type, depth);
  }
}

function plainMessage(value: bigint | Buffer, type: string, depth: number): Json | undefined {
  return type in SPECIAL ? undefined : decodeMessage(asBytes(value), type, depth + 1);
}

function part(fields: readonly WireField[], number: number): bigint | Buffer | undefined {
  return fields.find((field) => field.number === number)?.value;
}

/** Messages that are one value in JSON. */
const SPECIAL: Readonly<Record<string, (fields: readonly WireField[]) => Json | undefined>> = {
  Time: (fields) => {
    const seconds = part(fields, 1);
    if (seconds === undefined) return undefined;
    const nanos = Number(asNumber(part(fields, 2) ?? 0n));
    const text = new Date(Number(asNumber(seconds)) * 1000).toISOString().slice(0, 19);
    return nanos === 0 ? `${text}Z` : `${text}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z`;
  },
  Quantity: (fields) => asBytes(part(fields, 1) ?? Buffer.alloc(0)).toString('utf8'),
  IntOrString: (fields) =>
    part(fields, 1) === 1n
      ? asBytes(part(fields, 3) ?? Buffer.alloc(0)).toString('utf8')
      : Number(asNumber(part(fields, 2) ?? 0n)),
  FieldsV1: (fields) => {
    const raw = part(fields, 1);
    return raw === undefined ? undefined : (JSON.parse(asBytes(raw).toString('utf8')) as Json);
  },
};

function asBytes(value: bigint | Buffer): Buffer {
  if (!Buffer.isBuffer(value)) throw badRequest('the protobuf body holds a number where bytes are expected');
  return value;
}

function asNumber(value: bigint | Buffer): bigint {
  if (typeof value !== 'bigint') throw badRequest('the protobuf body holds bytes where a number is expected');
  return value;
}
