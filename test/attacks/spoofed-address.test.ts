/**
 * A caller chooses its own address: by sending the proxies' headers itself, by breaking the entry
 * that the proxy appends, or by smuggling an entry through a value that the proxy copies.
 *
 * The proxy here appends the true address, 203.0.113.9, as real ones do. Whatever the caller sends,
 * the gateway finds that address or none.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { locateClient, toTrustedProxies } from '../../gateway/identify/trusted-proxies.ts';

const truth = '203.0.113.9';
const wanted = '198.51.100.7';

const xForwardedFor = (sent: string) => (sent === '' ? truth : `${sent}, ${truth}`);
const appendForwarded = (sent: string, host: string) =>
  `${sent === '' ? '' : `${sent}, `}for=${truth};host="${host}";proto=https`;

const trusts = [
  { name: 'by count', proxies: toTrustedProxies(1) },
  { name: 'by networks', proxies: toTrustedProxies(['10.0.0.0/8']) },
];

function find(line: [string, string][], proxies: (typeof trusts)[number]['proxies']): string {
  const header = line[0]?.[0] === 'forwarded' ? 'forwarded' : 'x-forwarded-for';
  const located = locateClient({ peer: '10.0.0.5', rawHeaders: line.flat() }, { proxies, header });
  return located.kind === 'address' ? located.address.text : located.kind;
}

const sent = [
  { name: 'an address', given: wanted },
  { name: 'many', given: `${wanted}, ${wanted}, ${wanted}` },
  { name: 'the proxy itself', given: `${wanted}, 10.0.0.5` },
  { name: 'an open quote', given: `"${wanted}` },
  { name: 'an open bracket', given: `[${wanted}` },
  { name: 'a comma at the end', given: `${wanted},` },
  { name: 'a backslash at the end', given: `${wanted}\\` },
  { name: 'a comment', given: `${wanted} (` },
  { name: 'a NUL', given: `${wanted}\0` },
];

describe.each(trusts)('$name', ({ proxies }) => {
  test.each(sent)('X-Forwarded-For: $name', ({ given }) => {
    expect(find([['x-forwarded-for', xForwardedFor(given)]], proxies)).toBe(truth);
    const lines: [string, string][] = [
      ['X-Forwarded-For', given],
      ['x-forwarded-for', truth],
    ];
    expect(find(lines, proxies)).toBe(truth);
  });

  test.each(sent)('Forwarded: $name', ({ given }) => {
    for (const text of [given, `for=${given}`, `for="${given}`, `for=1.1.1.1;by="${given}`]) {
      const found = find([['forwarded', appendForwarded(text, 'api.example.com')]], proxies);
      expect(found).toBe(truth);
    }
  });

  test('Forwarded: an entry in a host that the proxy copies', () => {
    const hosts = [
      `a, for=${wanted}`,
      `a", for=${wanted};host="b`,
      `a, for=${wanted}, for=10.0.0.1, b`,
      `", for=${wanted};by="`,
    ];
    // Quotes are escaped: a proxy that lets them pass has written the entry itself, to any reader.
    const careful = hosts.map((host) => host.replaceAll('"', '\\"'));
    for (const host of careful) {
      const found = find([['forwarded', appendForwarded('', host)]], proxies);
      expect([truth, 'malformed']).toContain(found);
    }
  });

  test('whatever is sent, the address is the true one or none', () => {
    const unit = fc.constantFrom(...'19.,:;="[]\\ f%', 'for=', wanted, '10.0.0.1', '\t');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 30 }), (text) => {
        expect(find([['x-forwarded-for', xForwardedFor(text)]], proxies)).toBe(truth);
        const found = find([['forwarded', appendForwarded(text, 'api')]], proxies);
        expect(found).toBe(truth);
      }),
      { numRuns: 5_000 },
    );
  });
});

test('two proxies: an entry smuggled through a copied host is not counted', () => {
  const line = `for=${truth};host="x, for=${wanted}, y", for=10.0.0.2`;
  expect(find([['forwarded', line]], toTrustedProxies(2))).toBe('malformed');
  expect(find([['forwarded', line]], toTrustedProxies(3))).toBe('malformed');
  expect(find([['forwarded', line]], toTrustedProxies(['10.0.0.0/8']))).toBe('malformed');
});

test('a caller that reaches the gateway itself is no proxy', () => {
  const rawHeaders = ['x-forwarded-for', `${wanted}, 10.0.0.5`];
  const trust = { proxies: toTrustedProxies(['10.0.0.0/8']), header: 'x-forwarded-for' } as const;
  const located = locateClient({ peer: truth, rawHeaders }, trust);
  expect(located.kind === 'address' && located.address.text).toBe(truth);
});
