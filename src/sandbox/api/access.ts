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

/** As people read it: `get pods/proxy x in default`; the group stands behind the resource where there is one. */
export function accessText({ verb, group, resource, subresource, namespace, name }: Access): string {
  const what = `${resource}${group === '' ? '' : `.${group}`}${subresource === '' ? '' : `/${subresource}`}`;
  return `${verb} ${what}${name === '' ? '' : ` ${name}`}${namespace === '' ? '' : ` in ${namespace}`}`;
}

/** The access a request to a resource needs. A request to one Namespace is in that namespace, as Kubernetes has it. */
export function accessOf(target: Target): Access {
  const { group, plural } = target.resource;
  const own = group === '' && plural === 'namespaces' ? target.name : undefined;
  return {
    verb: target.verb,
    group,
    resource: plural,
    subresource: target.subresource ?? '',
    namespace: target.namespace ?? own ?? '',
    name: target.subresource === 'proxy' ? (target.name?.split(':')[0] ?? '') : (target.name ?? ''),
  };
}
