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

/** The first address of a range and the one after its last, with the number of bits of its family. */
type Bounds = { readonly from: bigint; readonly end: bigint; readonly bits: number };

/** Undefined where text is no range and no address. */
function boundsOf(range: string): Bounds | undefined {
  if (whyNoRange(range) !== undefined) return undefined;
  const [address = '', prefix] = range.split('/');
  const isV6 = address.includes(':');
  const [bits, width] = isV6 ? [128, 16n] : [32, 8n];
  const parts = (isV6 ? partsOfV6(address) : partsOfV4(address)) ?? [];
  const from = parts.reduce((sum, part) => (sum << width) + BigInt(part), 0n);
  return { from, end: from + (1n << BigInt(bits - Number(prefix ?? bits))), bits };
}

/** Whether ranges together hold every address of a family. */
export function isEveryone(ranges: readonly string[]): boolean {
  const all = ranges.flatMap((range) => boundsOf(range) ?? []).sort((a, b) => (a.from < b.from ? -1 : 1));
  return [32, 128].some((bits) => {
    const own = all.filter((one) => one.bits === bits);
    const reached = own.reduce((end, one) => (one.from <= end && one.end > end ? one.end : end), 0n);
    return reached === 1n << BigInt(bits);
  });
}

/** Whether an address lies in a range, or is the one that stands in its place; text that is none of these lies nowhere. */
export function isWithin(address: string, range: string): boolean {
  const [one, all] = [boundsOf(address), boundsOf(range)];
  return one !== undefined && all !== undefined && one.bits === all.bits && one.from >= all.from && one.end <= all.end;
}
