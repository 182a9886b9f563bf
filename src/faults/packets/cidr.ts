/** An address or a range of them, as CIDR writes it. */
export const CIDR = '^((\\d{1,3}\\.){3}\\d{1,3}(/\\d{1,2})?|[0-9a-fA-F:]*:[0-9a-fA-F:.]*(/\\d{1,3})?)$';

/** Why text is no address and no range of addresses; undefined where it is one. */
export function whyNoRange(text: string): string | undefined {
  const [address = '', bits] = text.split('/');
  const isV6 = address.includes(':');
  const parts = isV6 ? partsOfV6(address) : partsOfV4(address);
  if (parts === undefined) return `${text} is no address`;
  const most = isV6 ? 128 : 32;
  if (bits === undefined) return undefined;
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > most) return `${text}: a prefix has 0 to ${most} bits`;
  // What iptables would make of it is a wider range than what stands there.
  return hasHostBits(parts, isV6 ? 16 : 8, Number(bits)) ? `${text} has bits set beyond its prefix` : undefined;
}

function partsOfV4(address: string): number[] | undefined {
  const parts = address.split('.').map((part) => (/^(0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256));
  return parts.length === 4 && parts.every((part) => part < 256) ? parts : undefined;
}

function partsOfV6(address: string): number[] | undefined {
  const halves = address.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const groups = halves.flat();
  if (halves.length > 2 || groups.some((group) => !/^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  const missing = 8 - groups.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const [left = [], right = []] = halves;
  const middle = halves.length === 1 ? [] : Array<string>(missing).fill('0');
  return [...left, ...middle, ...right].map((group) => Number.parseInt(group, 16));
}

function hasHostBits(parts: readonly number[], width: number, prefix: number): boolean {
  return parts.some((part, index) => {
    const kept = Math.min(width, Math.max(0, prefix - index * width));
    return part % 2 ** (width - kept) !== 0;
  });
}

/** Whether a range is every address of its family. */
export function isEveryone(text: string): boolean {
  return text.endsWith('/0');
}
