import { CORE_FIELDS } from './fields-core.ts';
import { GROUP_FIELDS } from './fields-groups.ts';
import { META_FIELDS } from './fields-meta.ts';

/** How one field of a message is read. */
export type FieldRule = {
  readonly name: string;
  readonly shape: 'one' | 'list' | 'map';
  /** `s` string, `i` integer, `b` boolean, `bytes` base64, `raw` bytes, `skip` not read, else the name of a message. */
  readonly type: string;
  /** A pointer in Go: its zero value was meant. */
  readonly pointer: boolean;
  /** Its fields belong to the message around it. */
  readonly inline: boolean;
};

type Message = ReadonlyMap<number, FieldRule>;

/**
 * The notation of the tables: a line without indent names a message, the indented lines below list its fields as
 * `jsonName number type`. `[x]` is a list, `{x}` a map with string keys, `?x` a pointer, and the name `+` an inlined message.
 */
function parse(text: string): Map<string, Message> {
  const messages = new Map<string, Message>();
  for (const block of text.trim().split(/\n(?=\S)/)) {
    const [name = '', ...lines] = block.split('\n');
    const fields = lines
      .join(' ')
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== '');
    messages.set(name, new Map(fields.map(parseField)));
  }
  return messages;
}

function parseField(text: string): [number, FieldRule] {
  const [name = '', number = '', type = ''] = text.split(/\s+/);
  const shape = type.startsWith('[') ? 'list' : type.startsWith('{') ? 'map' : 'one';
  const bare = type.replace(/[[\]{}?]/g, '');
  return [Number(number), { name, shape, type: bare, pointer: type.startsWith('?'), inline: name === '+' }];
}

let parsed: Map<string, Message> | undefined;

/** The fields of a message; undefined when the sandbox does not know it. The tables are read at the first use. */
export function findMessage(name: string): Message | undefined {
  parsed ??= new Map([...parse(META_FIELDS), ...parse(CORE_FIELDS), ...parse(GROUP_FIELDS)]);
  return parsed.get(name);
}
