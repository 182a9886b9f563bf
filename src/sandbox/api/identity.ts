import type { Clock, Random } from '../../model/ports.ts';

const NAME_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
const MAX_NAME = 63;

/** A UUID of version 4 shape from the injected randomness, so that a seed repeats a whole cluster. */
export function newUid(random: Random): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16));
  hex[12] = '4';
  hex[16] = (8 + Math.floor(random() * 4)).toString(16);
  const text = hex.join('');
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-');
}

/** The random ending of generated names: no vowels, nothing that looks alike (apimachinery util/rand). */
function nameSuffix(random: Random, length = SUFFIX_LENGTH): string {
  return Array.from({ length }, () => NAME_ALPHABET[Math.floor(random() * NAME_ALPHABET.length)]).join('');
}

/** A name for `generateName`, cut so that it stays a DNS label (apiserver storage/names). */
export function generatedName(base: string, random: Random): string {
  return base.slice(0, MAX_NAME - SUFFIX_LENGTH) + nameSuffix(random);
}

/** Wall time in whole seconds, as Kubernetes writes metav1.Time. */
export function timestamp(clock: Clock, plusSeconds = 0): string {
  return new Date(clock.wall().getTime() + plusSeconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** Maps a number to letters that make no words (apimachinery util/rand SafeEncodeString). */
export function safeEncode(text: string): string {
  return Array.from(text, (char) => NAME_ALPHABET[char.charCodeAt(0) % NAME_ALPHABET.length]).join('');
}

/** FNV-1a, 32 bit. */
export function fnv32a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
