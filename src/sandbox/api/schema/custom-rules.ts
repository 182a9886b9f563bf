import { isMap, listOf, mapsOf, stringOf } from '../json.ts';

type Rule = (value: unknown) => boolean;

const UNITS: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 3.6e6 };

/** Milliseconds of a duration in the form of Go, `1h30m` or `-1.5s`; undefined when it is none (Go: time.ParseDuration). */
export function goDuration(text: string): number | undefined {
  const match = /^([+-]?)((?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))+$/.exec(text);
  if (match === null) return text === '0' ? 0 : undefined;
  const parts = text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)/g);
  const total = [...parts].reduce((sum, [, count, unit = '']) => sum + Number(count) * (UNITS[unit] ?? 0), 0);
  return match[1] === '-' ? -total : total;
}

const has = (value: unknown, field: string): boolean => isMap(value) && value[field] !== undefined;
const atMostOne =
  (...fields: string[]): Rule =>
  (value) =>
    fields.filter((field) => has(value, field)).length <= 1;
const resolutionOf = (value: unknown): string => (isMap(value) ? stringOf(value.resolution, 'NONE') : 'NONE');
const keysOf = (value: unknown): string[] => (isMap(value) ? Object.keys(value) : []);
const PORT_NAME = /^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$/;

/**
 * The CEL rules of the definitions that are served, by their messages: a spec sees that none is missing. They are few, and
 * no evaluator of CEL is worth them.
 */
export const RULES: Readonly<Record<string, Rule>> = {
  'must be a valid duration greater than 1ms': (value) => (goDuration(String(value)) ?? 0) >= 1,
  'Address is required': (value) => has(value, 'address') || has(value, 'network'),
  'CIDR addresses are allowed only for NONE/STATIC resolution types': (value) =>
    !isMap(value) ||
    !listOf(value.addresses).some((one) => String(one).includes('/')) ||
    ['STATIC', 'NONE'].includes(resolutionOf(value)),
  'DNS_ROUND_ROBIN mode cannot have multiple endpoints': (value) =>
    !isMap(value) || resolutionOf(value) !== 'DNS_ROUND_ROBIN' || listOf(value.endpoints).length <= 1,
  'NONE mode cannot set endpoints': (value) => resolutionOf(value) !== 'NONE' || !has(value, 'endpoints'),
  'UDS may not be a dir': (value) => !String(value).startsWith('unix://') || !String(value).endsWith('/'),
  'UDS may not include ports': (value) =>
    !isMap(value) || !stringOf(value.address).startsWith('unix://') || !has(value, 'ports'),
  'UDS must be an absolute path or abstract socket': (value) =>
    !String(value).startsWith('unix://') || ['/', '@'].includes(String(value)[7] ?? ''),
  'hostname cannot be wildcard': (value) => value !== '*',
  'key must not be empty': (value) => keysOf(value).every((key) => key !== ''),
  'only one of WorkloadSelector or Endpoints can be set': atMostOne('workloadSelector', 'endpoints'),
  'only one of credentialName or credentialNames can be set': atMostOne('credentialName', 'credentialNames'),
  'only one of credentialName or tlsCertificates can be set': atMostOne('credentialNames', 'tlsCertificates'),
  'only one of credentialNames or tlsCertificates can be set': atMostOne('tlsCertificates', 'credentialNames'),
  'only one of targetRefs or workloadSelector can be set': atMostOne('workloadSelector', 'targetRefs'),
  'only support waypointMatch when context is WAYPOINT': (value) =>
    (isMap(value) && value.context === 'WAYPOINT') === has(value, 'waypoint'),
  'port must be between 1-65535': (value) => Number(value) > 0 && Number(value) <= 65535,
  'port name must be valid': (value) => keysOf(value).every((key) => key.length < 63 && PORT_NAME.test(key)),
  'port number cannot be duplicated': (value) => {
    const numbers = mapsOf(value).map(({ number }) => number);
    return new Set(numbers).size === numbers.length;
  },
  'scheme must be one of [HTTP, HTTPS]': (value) => ['', 'HTTP', 'HTTPS'].includes(String(value)),
  'wildcard is not supported in selector': (value) => !String(value).includes('*'),
  'wildcard not allowed in label key match': (value) => keysOf(value).every((key) => !key.includes('*')),
  'wildcard not allowed in label value match': (value) => !String(value).includes('*'),
  'cross namespace referencing is not currently supported': (value) => String(value) === '',
};
