import type { ResourceRequest } from './request.ts';

/** What an access review asks for, and what each request needs; an empty text where there is none. */
export type Access = {
  readonly verb: string;
  readonly group: string;
  /** Plural, for example `deployments`. */
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
};

/** The access a request to a resource needs. A request to one Namespace is in that namespace, as Kubernetes has it. */
export function accessOf(target: ResourceRequest): Access {
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
