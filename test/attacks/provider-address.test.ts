/**
 * Where the gateway may be made to connect on its own account: names that point into the private
 * network or at ourselves, now or at the second look-up. The lookup is the only thing played here:
 * nobody can be asked to point a name of the Internet at a test.
 */
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { isLoopbackHost, mayConnect } from '../../gateway/addresses/outbound-address.ts';
import {
  createDoor,
  createSigningKey,
  type SigningKey,
  signToken,
  startIssuer,
} from '../identify/loopback-issuer.ts';

const names = vi.hoisted(() => new Map<string, string[][]>());
vi.mock(import('node:dns'), async (importOriginal) => {
  const { withPlayedLookup } = await import('../support/played-lookup.ts');
  return withPlayedLookup(await importOriginal(), names);
});

let key: SigningKey;
beforeAll(async () => {
  key = await createSigningKey('k1');
});

const addresses: { name: string; given: string; host?: string; open?: boolean; expect: boolean }[] =
  [
    { name: 'public', given: '93.184.216.34', expect: true },
    { name: 'public, IPv6', given: '2606:4700::1', expect: true },
    ...[
      '10.0.0.1',
      '172.16.0.1',
      '192.168.1.1',
      '100.64.0.1',
      'fd00::1',
      '::ffff:10.0.0.1',
    ].flatMap((given) => [
      { name: `private ${given}`, given, expect: false },
      { name: `private ${given}, where that is configured`, given, open: true, expect: true },
    ]),
    ...[
      '169.254.169.254',
      '0.0.0.0',
      '::',
      '224.0.0.1',
      '255.255.255.255',
      'fe80::1',
      '::ffff:169.254.169.254',
      '64:ff9b::a9fe:a9fe',
      '2002:a9fe:a9fe::1',
      '192.0.2.1',
    ].map((given) => ({
      name: `never ${given}`,
      given,
      open: true,
      expect: false,
    })),
    { name: 'ourselves, by a name', given: '127.0.0.1', expect: false },
    { name: 'ourselves in IPv6, by a name', given: '::1', expect: false },
    { name: 'ourselves mapped, by a name', given: '::ffff:127.0.0.1', expect: false },
    { name: 'ourselves, by our name', given: '127.0.0.1', host: 'localhost', expect: true },
    { name: 'ourselves, by our address', given: '::1', host: '[::1]', expect: true },
    { name: 'no address', given: 'example.com', open: true, expect: false },
  ];

describe('an address', () => {
  test.each(addresses)(
    '$name',
    ({ given, host = 'idp.example.com', open = false, expect: expected }) => {
      expect(mayConnect(given, { hostname: host, privateNetwork: open })).toBe(expected);
    },
  );
});

/** What it is may be spoken to without TLS. */
test.each([
  ['localhost', true],
  ['127.0.0.1', true],
  ['127.255.0.1', true],
  ['[::1]', true],
  ['126.255.255.255', false],
  ['128.0.0.1', false],
  ['10.0.0.1', false],
  ['93.184.216.34', false],
  ['0.0.0.0', false],
  ['[::]', false],
  ['[::2]', false],
  ['localhost.example.com', false],
  ['example.com', false],
])('whether %s is this machine by its own name: %s', (hostname, isOurs) => {
  expect(isLoopbackHost(hostname)).toBe(isOurs);
});

describe('a name', () => {
  const open = async (answers: string[], privateNetwork: boolean) => {
    const issuer = await startIssuer([key.jwk]);
    names.set('idp.example.test', [answers]);
    const { port } = new URL(issuer.url);
    const door = createDoor(`http://idp.example.test:${port}/jwks.json`, {
      jwt: { privateNetwork },
    });
    onTestFinished(async () => {
      await door.close();
      await issuer.close();
    });
    return { door, issuer };
  };

  const cases = [
    { name: 'at ourselves', given: ['127.0.0.1'], expect: 'identify/keys-unavailable' },
    {
      name: 'at us among others',
      given: ['93.184.216.34', '127.0.0.1'],
      expect: 'identify/keys-unavailable',
    },
    {
      name: 'at the metadata service',
      given: ['169.254.169.254'],
      open: true,
      expect: 'identify/keys-unavailable',
    },
    { name: 'at nothing', given: [], open: true, expect: 'identify/keys-unavailable' },
    {
      name: 'at ourselves, where private networks are configured',
      given: ['127.0.0.1'],
      open: true,
      expect: 'caller',
    },
  ];
  test.each(cases)(
    'that points $name',
    async ({ given, open: isOpen = false, expect: expected }) => {
      const { door, issuer } = await open(given, isOpen);
      expect(await door.verdict(await signToken({ key }))).toBe(expected);
      expect(issuer.hits()).toBe(expected === 'caller' ? 1 : 0);
    },
  );

  test('a private address that is written out is refused at start', () => {
    expect(() => createDoor('https://10.0.0.1/jwks.json')).toThrow();
    expect(() =>
      createDoor('https://169.254.169.254/', { jwt: { privateNetwork: true } }),
    ).toThrow();
  });
});
