/**
 * Networks in CIDR notation; a lone address is a network of itself. Host bits may be set, as
 * operators write them, and are dropped.
 *
 * `::ffff:10.0.0.0/104` is 10.0.0.0/8, because addresses are unmapped before they are looked up. A
 * mapped network wider than /96 would be IPv4 and IPv6 at once, and is rejected.
 */
import { type Address, isMapped, readWords } from './ip-address.ts';

/**
 * A network that is overwritten in place, so that reading a long list allocates nothing per line.
 */
export interface NetworkSlot {
  version: 4 | 6;
  prefix: number;
  /** First address; IPv4 uses the first word alone. */
  readonly words: Uint32Array;
}

export const createNetworkSlot = (): NetworkSlot => ({
  version: 4,
  prefix: 0,
  words: new Uint32Array(4),
});

/** Reads the network between two offsets into `slot`; false if there is none. */
export function readNetwork(text: string, start: number, end: number, slot: NetworkSlot): boolean {
  let slash = start;
  while (slash < end && text.charCodeAt(slash) !== 47) slash += 1;
  const { words } = slot;
  const version = readWords(text, start, slash, words);
  if (version === 0) return false;
  const widest = version === 4 ? 32 : 128;
  const prefix = slash === end ? widest : readPrefix(text, slash + 1, end, widest);
  if (prefix < 0) return false;
  slot.version = version;
  slot.prefix = prefix;
  if (version === 6 && isMapped(words)) {
    if (prefix < 96) return false;
    const four = words[3] ?? 0;
    words.fill(0);
    words[0] = four;
    slot.version = 4;
    slot.prefix = prefix - 96;
  }
  dropHostBits(slot);
  return true;
}

/** Up to three decimal digits, leading zeros allowed; -1 if malformed or too large. */
function readPrefix(text: string, start: number, end: number, max: number): number {
  const length = end - start;
  if (length < 1 || length > 3) return -1;
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value <= max ? value : -1;
}

function dropHostBits({ prefix, words }: NetworkSlot): void {
  for (let index = 0; index < 4; index += 1) {
    words[index] = (words[index] ?? 0) & maskOf(prefix - 32 * index);
  }
}

/** A word with its first `bits` set; any number is clamped to 0 to 32. */
export function maskOf(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? 0xffffffff : (0xffffffff << (32 - bits)) >>> 0;
}

export interface Network {
  readonly version: 4 | 6;
  readonly prefix: number;
  readonly words: readonly number[];
}

/** The network that a text denotes; undefined if none. */
export function parseNetwork(text: string): Network | undefined {
  const slot = createNetworkSlot();
  if (!readNetwork(text, 0, text.length, slot)) return undefined;
  return { version: slot.version, prefix: slot.prefix, words: [...slot.words] };
}

export function networkContains(network: Network, address: Address): boolean {
  const { version, prefix, words } = network;
  if (version !== address.version) return false;
  return (
    isSame(address.a, words[0], maskOf(prefix)) &&
    isSame(address.b, words[1], maskOf(prefix - 32)) &&
    isSame(address.c, words[2], maskOf(prefix - 64)) &&
    isSame(address.d, words[3], maskOf(prefix - 96))
  );
}

const isSame = (word: number, start: number | undefined, mask: number): boolean =>
  ((word ^ (start ?? 0)) & mask) === 0;
