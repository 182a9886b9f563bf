import { OBJECTIVES } from '../analysis/objectives/index.ts';
import { FAULT_KINDS } from '../faults/index.ts';
import { ENGINE_KINDS } from '../load/engines.ts';
import type { Json } from '../model/scenario.ts';
import { scenarioSchema } from '../scenario/index.ts';

type Node = {
  readonly properties?: { readonly [name: string]: Node };
  readonly items?: Node;
  readonly enum?: readonly Json[];
  readonly type?: string;
};

/** What `--set` may say: the fields below the path that is written, and the values of a field that has only some. */
export function settingsFor(prefix: string): string[] {
  const schema = scenarioSchema(FAULT_KINDS, OBJECTIVES, ENGINE_KINDS) as Node;
  const [path = '', value] = prefix.split(/=(.*)/s);
  if (value !== undefined) return (at(schema, path.split('.'))?.enum ?? []).map((one) => `${path}=${one}`);
  const parent = path.split('.').slice(0, -1);
  const node = parent.length === 0 ? schema : at(schema, parent);
  return Object.entries(node?.properties ?? {}).map(([name, field]) => {
    const whole = [...parent, name].join('.');
    if (field.type === 'array') return `${whole}[0].`;
    return field.properties === undefined ? `${whole}=` : `${whole}.`;
  });
}

/** The schema of a field; `paths[0]`, and `paths` with a step `0` behind it, is an entry of the list `paths`. */
function at(schema: Node, path: readonly string[]): Node | undefined {
  return path.reduce<Node | undefined>((node, step) => {
    if (node?.items !== undefined && /^\d+$/.test(step)) return node.items;
    const [, name = '', index] = /^(.*?)(\[\d+\])?$/.exec(step) ?? [];
    const field = node?.properties?.[name];
    return index === undefined ? field : field?.items;
  }, schema);
}
