import type { GatewayAddress } from '../model/target.ts';

const HOST = '\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9]([-._A-Za-z0-9]{0,251}[A-Za-z0-9])?';

/** Pattern of an address; a port is needed unless a protocol names one. */
export const GATEWAY_ADDRESS = `^(https?://(${HOST})(:\\d{1,5})?/?|(${HOST}):\\d{1,5})$`;

/** Reads `host:port` or `http(s)://host[:port]`; undefined when the host or the port cannot be. */
export function parseGatewayAddress(text: string): Extract<GatewayAddress, { kind: 'url' }> | undefined {
  const match = /^(?:(https?):\/\/)?(.+?)(?::(\d{1,5}))?\/?$/.exec(text);
  if (match === null) return undefined;
  const protocol = match[1] === 'https' ? 'https' : 'http';
  const host = match[2] ?? '';
  const port = Number(match[3] ?? (protocol === 'https' ? 443 : 80));
  if (port < 1 || port > 65_535 || !URL.canParse(`http://${host}`)) return undefined;
  return { kind: 'url', protocol, host: host.replace(/^\[|\]$/g, ''), port };
}
