import type { Target } from './request.ts';

/** One thing that is not allowed. An absent field, or `*`, stands for anything. */
export type AccessRule = {
  readonly verb?: string;
  readonly group?: string;
  /** Plural, for example `deployments`. */
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
};

/** What an access review asks for, and what each request needs. */
export type Access = { readonly [field in keyof Required<AccessRule>]: string };

const FIELDS = ['verb', 'group', 'resource', 'subresource', 'namespace', 'name'] as const;

export function isDenied(rules: readonly AccessRule[], access: Access): boolean {
  return rules.some((rule) =>
    FIELDS.every((field) => rule[field] === undefined || rule[field] === '*' || rule[field] === access[field]),
  );
}

/** The access a request to a resource needs. */
export function accessOf(target: Target): Access {
  return {
    verb: target.verb,
    group: target.resource.group,
    resource: target.resource.plural,
    subresource: target.subresource ?? '',
    namespace: target.namespace ?? '',
    name: target.subresource === 'proxy' ? (target.name?.split(':')[0] ?? '') : (target.name ?? ''),
  };
}
