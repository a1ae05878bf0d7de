/**
 * Makes small databases in MaxMind's format (version 2.0, records of 24 bits), so that tests say
 * themselves which network is where.
 */
import { parseNetwork } from '../../gateway/addresses/ip-network.ts';

type Value = string | number | { readonly [key: string]: Value };

/** @param records network to what is said of it; IPv4 networks stand in ::/96 as in real databases. */
export function makeDatabase(
  records: Readonly<Record<string, Value>>,
  { ipVersion = 6 }: { ipVersion?: 4 | 6 } = {},
): Buffer {
  const values = [...new Set(Object.values(records).map((value) => JSON.stringify(value)))];
  const encoded = values.map((text) => encode(JSON.parse(text) as Value));
  const offsets = encoded.map((_, index) => Buffer.concat(encoded.slice(0, index)).length);
  const nodes: [number | undefined, number | undefined][] = [[undefined, undefined]];
  const leaves = new Map<string, number>();
  for (const [text, value] of Object.entries(records)) {
    const bits = toBits(text, ipVersion);
    let node = 0;
    for (const [depth, bit] of bits.entries()) {
      const pair = nodes[node];
      if (pair === undefined) throw new Error('no such node');
      if (depth === bits.length - 1) {
        leaves.set(`${node} ${bit}`, offsets[values.indexOf(JSON.stringify(value))] ?? 0);
      } else {
        pair[bit] ??= nodes.push([undefined, undefined]) - 1;
        node = pair[bit];
      }
    }
  }
  const tree = Buffer.alloc(nodes.length * 6);
  for (const [index, pair] of nodes.entries()) {
    for (const bit of [0, 1] as const) {
      const leaf = leaves.get(`${index} ${bit}`);
      const target = leaf === undefined ? (pair[bit] ?? nodes.length) : nodes.length + 16 + leaf;
      tree.writeUIntBE(target, index * 6 + bit * 3, 3);
    }
  }
  const metadata = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_750_000_000,
    database_type: 'Test',
    ip_version: ipVersion,
    node_count: nodes.length,
    record_size: 24,
  });
  const marker = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');
  return Buffer.concat([tree, Buffer.alloc(16), ...encoded, marker, metadata]);
}

function toBits(text: string, ipVersion: 4 | 6): (0 | 1)[] {
  const network = parseNetwork(text);
  if (network === undefined || (ipVersion === 4 && network.version === 6)) throw new Error(text);
  const words = network.version === 4 ? network.words.slice(0, 1) : network.words;
  const own = words
    .map((word) => word.toString(2).padStart(32, '0'))
    .join('')
    .slice(0, network.prefix);
  const inSix = network.version === 4 && ipVersion === 6 ? '0'.repeat(96) + own : own;
  return [...inSix].map((bit) => (bit === '1' ? 1 : 0));
}

function encode(value: Value): Buffer {
  if (typeof value === 'string') {
    const text = Buffer.from(value);
    return Buffer.concat([control(2, text.length), text]);
  }
  if (typeof value === 'number') {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(value);
    return Buffer.concat([control(6, 4), number]);
  }
  const entries = Object.entries(value).flatMap(([key, inner]) => [encode(key), encode(inner)]);
  return Buffer.concat([control(7, entries.length / 2), ...entries]);
}

function control(type: number, size: number): Buffer {
  if (size > 28) throw new Error('longer than these tests need');
  return Buffer.from([(type << 5) | size]);
}
