/** IP literals and networks: the grammar, one spelling, and no second reading of any text. */
import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../gateway/addresses/ip-address.ts';
import { type Network, networkContains, parseNetwork } from '../../gateway/addresses/ip-network.ts';
import { proxyNetworks } from '../cases/client-ip-headers.ts';
import { disputedNetwork, ipLiterals, plainIpv4 } from '../cases/ip-literals.ts';

const toText = (network: Network | undefined): string | null =>
  network === undefined ? null : JSON.stringify([network.version, network.prefix, network.words]);

describe('literals', () => {
  test.each(ipLiterals.filter(([text]) => !text.includes('/')))('%j is %j', (text, expected) => {
    expect(parseAddress(text)?.text ?? null).toBe(expected);
    expect(parseNetwork(text) !== undefined).toBe(expected !== null && !text.includes('%'));
  });

  test.each(ipLiterals.filter(([text]) => text.includes('/')))('%j is %j', (text, expected) => {
    expect(parseAddress(text)).toBeUndefined();
    expect(toText(parseNetwork(text))).toBe(expected && toText(parseNetwork(expected)));
    expect(parseNetwork(text) !== undefined).toBe(expected !== null);
  });

  test('the disputed ones: IPv4 is IPv4, a prefix with leading zeros is none', () => {
    expect(parseAddress(plainIpv4)?.text).toBe(plainIpv4);
    expect(parseNetwork(disputedNetwork)).toBeUndefined();
  });
});

const refused = [
  { name: 'octal', given: '010.0.0.1' },
  { name: 'hexadecimal', given: '0x0a.0.0.1' },
  { name: 'one number', given: '167772161' },
  { name: 'three parts', given: '10.0.1' },
  { name: 'five parts', given: '10.0.0.0.1' },
  { name: 'white space before', given: ' 10.0.0.1' },
  { name: 'a line end behind', given: '10.0.0.1\n' },
  { name: 'a NUL behind', given: '10.0.0.1\0' },
  { name: 'full-width digits', given: '１0.0.0.1' },
  { name: 'a zone on IPv4', given: '10.0.0.1%eth0' },
  { name: 'an empty zone', given: 'fe80::1%' },
  { name: 'a zone with a line end', given: 'fe80::1%a\nb' },
  { name: 'an overlong zone', given: `fe80::1%${'a'.repeat(65)}` },
  { name: 'brackets', given: '[::1]' },
  { name: 'a port', given: '10.0.0.1:80' },
  { name: 'a very long text', given: '1'.repeat(1_000_000) },
];

test.each(refused)('no address: $name', ({ given }) => {
  expect(parseAddress(given)).toBeUndefined();
});

describe('properties', () => {
  const word = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
  const groups = fc.array(word, { minLength: 8, maxLength: 8 });

  test('IPv6 keeps its value and has the spelling that URLs have', () => {
    fc.assert(
      fc.property(groups, (parts) => {
        const text = parts.map((part) => part.toString(16)).join(':');
        const parsed = parseAddress(text);
        if (parsed?.version !== 6) {
          expect(parts.slice(0, 6)).toEqual([0, 0, 0, 0, 0, 0xffff]);
          return;
        }
        expect(parsed.text).toBe(new URL(`http://[${text}]/`).hostname.slice(1, -1));
        expect(parseAddress(parsed.text)).toEqual(parsed);
      }),
    );
  });

  test('without a zone, a text is an address where sockets know it as one', () => {
    const text = fc.string({ unit: fc.constantFrom(...'0123456789af:./x '), maxLength: 24 });
    fc.assert(
      fc.property(text, (given) => {
        expect(parseAddress(given) !== undefined).toBe(isIP(given) !== 0);
      }),
      { numRuns: 20_000 },
    );
  });

  test('a network holds an address where their first bits agree', () => {
    const octets = fc.array(fc.nat(255), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(octets, fc.nat(32), fc.nat(31), (parts, prefix, flipped) => {
        const network = parseNetwork(`${parts.join('.')}/${prefix}`);
        const bytes = [...parts];
        bytes[flipped >> 3] = (bytes[flipped >> 3] ?? 0) ^ (128 >> (flipped & 7));
        const other = parseAddress(bytes.join('.'));
        if (network === undefined || other === undefined) throw new Error('not read');
        expect(networkContains(network, other)).toBe(flipped >= prefix);
      }),
    );
  });
});

test.each(proxyNetworks)('networks: $name', ({ given, expect: expected }) => {
  const networks = given.map((text) => parseNetwork(text));
  if (expected === null) expect(networks).toContain(undefined);
  else {
    expect(networks).not.toContain(undefined);
    // As meant, the networks may have other host bits than as written.
    expect(networks.map(toText)).toEqual(expected.map((text) => toText(parseNetwork(text))));
  }
});

const mapped = [
  { name: 'a mapped network is IPv4', given: '::ffff:10.0.0.0/104', expect: '10.0.0.0/8' },
  { name: 'all of mapped is all of IPv4', given: '::ffff:0:0/96', expect: '0.0.0.0/0' },
  { name: 'half IPv4, half IPv6', given: '::ffff:10.0.0.0/95', expect: null },
  { name: 'all of IPv6 is not IPv4', given: '::/0', expect: '::/0' },
];

test.each(mapped)('$name', ({ given, expect: expected }) => {
  expect(toText(parseNetwork(given))).toBe(expected && toText(parseNetwork(expected)));
});
