import type { IncomingMessage } from 'node:http';
import { type Access, accessOf } from '../api/access.ts';
import type { Handler } from '../api/exchange.ts';
import type { ApiParts } from '../api/server.ts';
import type { PolicyRule, User, UserOf } from '../api/users.ts';
import { targetOf } from './faulty-api.ts';

/** Rules that are bound to a user: in one namespace, or with none in the whole cluster. */
export type Role = { readonly namespace?: string; readonly rules: readonly PolicyRule[] };

/** A user who may do what the roles say and nothing else; discovery and access reviews are open to everybody. */
export function userWith(name: string, roles: readonly Role[]): User {
  return {
    name,
    groups: ['system:authenticated'],
    // As kubernetes plugin/pkg/auth/authorizer/rbac decides.
    may: (access) =>
      roles
        .filter(({ namespace }) => namespace === undefined || namespace === access.namespace)
        .some(({ rules }) => rules.some((rule) => covers(rule, access))),
    rulesIn: (namespace) =>
      roles.filter((role) => (role.namespace ?? namespace) === namespace).flatMap(({ rules }) => rules),
  };
}

function covers(rule: PolicyRule, { verb, group, resource, subresource, name }: Access): boolean {
  const what = subresource === '' ? [resource, '*'] : [`${resource}/${subresource}`, `*/${subresource}`, '*'];
  const { resourceNames = [] } = rule;
  return (
    has(rule.verbs, verb) &&
    has(rule.apiGroups, group) &&
    what.some((one) => rule.resources.includes(one)) &&
    (resourceNames.length === 0 || (name !== '' && resourceNames.includes(name)))
  );
}

function has(list: readonly string[], value: string): boolean {
  return list.includes('*') || list.includes(value);
}

/** What nobody may do; an absent field stands for anything. */
type Denial = { readonly [field in keyof Access]?: string };

function isDenied(denials: readonly Denial[], access: Access): boolean {
  const fields = Object.keys(access) as (keyof Access)[];
  return denials.some((denial) => fields.every((field) => (denial[field] ?? access[field]) === access[field]));
}

/** Users beside the administrator, and what nobody may do, for an API server; both may change while it runs. */
export class TestUsers implements Required<ApiParts> {
  readonly denials: Denial[] = [];
  readonly #users = new Map<string, User>();
  readonly #refused: { readonly token: string | undefined; readonly access: Access }[] = [];

  add(token: string, user: User): void {
    this.#users.set(token, user);
  }

  /** What was asked for with this token and refused, in order and as people read it: `get pods/proxy x in default`. */
  refused(token: string): string[] {
    return this.#refused.filter((one) => one.token === token).map(({ access }) => accessText(access));
  }

  readonly userOf = (own: UserOf): UserOf => {
    return (token) => {
      const user = (token === undefined ? undefined : this.#users.get(token)) ?? own(token);
      if (user === undefined) return undefined;
      return { ...user, may: (access) => user.may(access) && !isDenied(this.denials, access) };
    };
  };

  readonly handler = (own: Handler): Handler => {
    return (message, response) => {
      const target = targetOf(message);
      const token = tokenOf(message);
      const user = token === undefined ? undefined : this.#users.get(token);
      if (target !== undefined && user !== undefined) {
        const access = accessOf(target);
        response.once('finish', () => {
          if (response.statusCode === 403 && !user.may(access)) this.#refused.push({ token, access });
        });
      }
      return own(message, response);
    };
  };
}

function tokenOf({ headers }: IncomingMessage): string | undefined {
  return headers.authorization?.replace(/^Bearer /, '');
}

function accessText({ verb, group, resource, subresource, namespace, name }: Access): string {
  const what = `${resource}${group === '' ? '' : `.${group}`}${subresource === '' ? '' : `/${subresource}`}`;
  return `${verb} ${what}${name === '' ? '' : ` ${name}`}${namespace === '' ? '' : ` in ${namespace}`}`;
}
