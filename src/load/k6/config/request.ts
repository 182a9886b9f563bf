import { isIP } from 'node:net';
import { FaultlineError } from '../../../model/errors.ts';
import { rulesOf } from '../../../model/good.ts';
import type { SentLoad } from '../../../model/ports.ts';
import type { Load } from '../../../model/scenario.ts';
import type { Path } from '../../../model/target.ts';
import { type AnswerParts, answerParts } from '../../content.ts';

/** The request of one path, as k6 is told of it. */
export type RequestConfig = {
  readonly id: string;
  readonly method: string;
  readonly target: string;
  /** What the Host header says. */
  readonly authority: string;
  /** Name in the TLS handshake, and of the certificate. */
  readonly serverName: string;
  readonly headers: readonly (readonly [string, string])[];
  /** In base64; empty where nothing is sent. */
  readonly body: string;
  /** What of an answer the harness looks at besides status and chain. */
  readonly tell: AnswerParts;
  readonly tls: boolean;
  readonly host: string;
  readonly port: string;
};

/** Words the request of a path. Throws FaultlineError LOAD when the load has none of its name. */
export function requestConfig(path: Path, load: SentLoad): RequestConfig {
  const template = load.paths.find((candidate) => candidate.name === path.name);
  if (template === undefined) throw new FaultlineError('LOAD', `Path ${path.id} has no request named ${path.name}.`);
  const { method, path: target, host, headers } = template.request;
  const entries = Object.entries(headers);
  const named = entries.find(([name]) => name.toLowerCase() === 'host')?.[1];
  const authority = named ?? host ?? authorityOf(path);
  const body = load.bodies?.[path.name];
  return {
    id: path.id,
    method,
    target,
    authority,
    serverName: path.tls?.serverName ?? authority.replace(/:\d+$/, '').replace(/^\[|\]$/g, ''),
    headers: entries.filter(([name]) => name.toLowerCase() !== 'host'),
    body: body === undefined ? '' : Buffer.from(body).toString('base64'),
    tell: answerParts(rulesOf(load).of(path.name).good),
    tls: path.protocol === 'https',
    host: path.host,
    port: String(path.port),
  };
}

/** The response header that carries the chain; empty where the body does. */
export function headerOf(load: Pick<Load, 'chain'>): string {
  return load.chain.from.kind === 'header' ? load.chain.from.name : '';
}

function authorityOf({ protocol, host, port }: Path): string {
  const name = isIP(host) === 6 ? `[${host}]` : host;
  return port === (protocol === 'https' ? 443 : 80) ? name : `${name}:${port}`;
}
