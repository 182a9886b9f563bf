import { goDuration } from '../schema/custom-rules.ts';

/** What Istio's validation finds in one object: the errors refuse it, the warnings go to the client. */
export class Findings {
  readonly errors: string[] = [];
  readonly warnings: string[] = [];

  error(text: string): void {
    this.errors.push(text);
  }

  warn(text: string): void {
    this.warnings.push(text);
  }

  /** An error unless the condition holds. */
  need(condition: boolean, text: string): void {
    if (!condition) this.error(text);
  }

  /** Istio: agent.ValidateDuration. An unset one is none. */
  duration(value: unknown): void {
    if (value === undefined) return;
    const millis = goDuration(String(value));
    if (millis === undefined || millis < 1) this.error('duration must be greater than 1ms');
    else if (!Number.isInteger(Math.round(millis * 1e6) / 1e6))
      this.error('only durations to ms precision are supported');
  }

  /** Istio: agent.ValidatePort. */
  port(value: unknown): void {
    const number = typeof value === 'number' ? value : 0;
    this.need(number >= 1 && number <= 65535, `port number ${number} must be in the range 1..65535`);
  }

  /** Istio: agent.ValidateWildcardDomain. */
  domain(name: string): void {
    if (name === '') this.error('empty domain name not allowed');
    else if (name.length > 255) this.error(`domain name ${JSON.stringify(name)} too long (max 255)`);
    else this.#labels(name);
  }

  #labels(name: string): void {
    const [first = '', ...rest] = name.split('.');
    const invalid = (label: string): void =>
      this.error(`domain name ${JSON.stringify(name)} invalid (label ${JSON.stringify(label)} invalid)`);
    if (!WILDCARD_LABEL.test(first)) {
      invalid(first);
      return;
    }
    const last = rest.at(-1);
    if (last !== undefined && /^\d+$/.test(last)) {
      this.error(
        `domain name ${JSON.stringify(rest.join('.'))} invalid (top level domain ${JSON.stringify(last)} cannot be all-numeric)`,
      );
      return;
    }
    const bad = rest.find((label, index) => !(DNS_LABEL.test(label) || (label === '' && index === rest.length - 1)));
    if (bad === undefined) return;
    this.error(`domain name ${JSON.stringify(rest.join('.'))} invalid (label ${JSON.stringify(bad)} invalid)`);
  }

  /** Istio: validateExportTo. */
  exportTo(namespace: string, to: readonly string[], withSelector: boolean): void {
    const seen = new Set<string>();
    for (const entry of to) {
      const key = entry === '.' ? namespace : entry;
      if (!seen.has(key)) {
        seen.add(key);
        continue;
      }
      const current = `duplicate entries in exportTo: . and current namespace ${namespace}`;
      this.error(key === entry ? `duplicate entries in exportTo for entry ${entry}` : current);
    }
    if (withSelector && seen.size > 0 && !(seen.size === 1 && seen.has(namespace))) {
      this.error(
        seen.has(namespace)
          ? 'destination rule with workload selector cannot have multiple entries in exportTo'
          : 'destination rule with workload selector cannot have exportTo beyond current namespace',
      );
    }
    if (seen.has('*') && to.length > 1) {
      this.error('cannot have both public (*) and non-public exportTo values for a resource');
    }
  }
}

/** A label of a domain name (RFC 1123), capital letters allowed as Istio does. */
export const DNS_LABEL = /^[a-zA-Z0-9](?:[-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/;
const WILDCARD_LABEL = /^(\*|(\*|\*-)?[a-zA-Z0-9](?:[-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)$/;
