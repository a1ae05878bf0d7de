/** Who the client is behind proxies: the facts of others, and what a chain may not do here. */
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../gateway/addresses/ip-address.ts';
import { loadNetwork } from '../../gateway/admit/network-file.ts';
import { parseForwardedEntry } from '../../gateway/identify/forwarded.ts';
import {
  type Located,
  locateClient,
  type TrustedProxies,
  toTrustedProxies,
} from '../../gateway/identify/trusted-proxies.ts';
import { type ClientCase, clientCases, forwardedEntries } from '../cases/client-ip-headers.ts';
import { problemsOf, writeFiles } from '../support/config-files.ts';

const withZone = (located: Located): string | null => {
  if (located.kind !== 'address') return null;
  const { text, zone } = located.address;
  return zone === undefined ? text : `${text}%${zone}`;
};

/** Without networks the original reads the header; here `[]` in a file means the socket alone. */
function proxiesOf({ strategy, count = 0, ranges = [] }: ClientCase): TrustedProxies {
  if (strategy === 'socket') return toTrustedProxies([]);
  if (strategy === 'count') return toTrustedProxies(count);
  return ranges.length === 0 ? { kind: 'ranges', ranges: [] } : toTrustedProxies(ranges);
}

describe('facts', () => {
  const good = clientCases.filter((one) => one.expect !== 'refused');
  const bad = clientCases.filter((one) => one.expect === 'refused');

  test('are all here', () => {
    expect([good.length, bad.length]).toEqual([41, 6]);
  });

  test.each(good)('$name', (given) => {
    const header = given.header?.toLowerCase() === 'forwarded' ? 'forwarded' : 'x-forwarded-for';
    const from = { peer: given.peer, rawHeaders: given.lines.flat() };
    expect(withZone(locateClient(from, { proxies: proxiesOf(given), header }))).toBe(given.expect);
  });

  test.each(bad)('$name', async ({ header, count, ranges }) => {
    const trusted = JSON.stringify(count ?? ranges);
    const text = `version: 1\ntrustedProxies: ${trusted}\nheader: "${header?.toLowerCase()}"\n`;
    const directory = await writeFiles({ 'network/a.yaml': text });
    const paths = (await problemsOf(() => loadNetwork(directory))).map(({ path }) => path);
    expect(paths).toEqual([(count ?? 1) < 1 ? 'trustedProxies' : 'header']);
    if (count !== undefined && count < 1) expect(() => toTrustedProxies(count)).toThrow(TypeError);
  });

  test.each(forwardedEntries)('Forwarded: $name', ({ given, expect: expected }) => {
    const wanted = expected === null ? undefined : parseAddress(expected);
    expect(expected === null).toBe(wanted === undefined);
    expect(parseForwardedEntry(given)).toEqual(wanted);
  });
});

const range = toTrustedProxies(['10.0.0.0/8']);
const xff = (...lines: string[]) => lines.flatMap((line) => ['X-Forwarded-For', line]);
const forwarded = (...lines: string[]) => lines.flatMap((line) => ['forwarded', line]);

const own: {
  name: string;
  proxies: TrustedProxies;
  header?: 'forwarded';
  peer?: string;
  given: string[];
  expect: string;
}[] = [
  {
    name: 'nobody trusted: headers are not read',
    proxies: toTrustedProxies([]),
    peer: '192.0.2.1',
    given: xff('1.1.1.1'),
    expect: '192.0.2.1',
  },
  {
    name: 'the socket has no address',
    proxies: toTrustedProxies([]),
    peer: '',
    given: xff('1.1.1.1'),
    expect: 'unknown',
  },
  {
    name: 'a mapped peer is trusted by its IPv4 network',
    proxies: range,
    peer: '::ffff:10.1.2.3',
    given: xff('192.0.2.1'),
    expect: '192.0.2.1',
  },
  {
    name: 'the other header is not read',
    proxies: range,
    given: [...forwarded('for=1.1.1.1'), ...xff('192.0.2.1')],
    expect: '192.0.2.1',
  },
  {
    name: 'the other header does not stand in',
    proxies: range,
    given: forwarded('for=1.1.1.1'),
    expect: 'malformed',
  },
  {
    name: 'a name of the header in another case',
    proxies: range,
    given: ['x-fOrWaRdEd-fOr', '192.0.2.1'],
    expect: '192.0.2.1',
  },
  {
    name: 'garbage further left is not reached',
    proxies: range,
    given: xff('"!!", ,,', '192.0.2.1, 10.0.0.9'),
    expect: '192.0.2.1',
  },
  {
    name: 'an empty entry',
    proxies: range,
    given: xff('1.1.1.1, , 10.0.0.9'),
    expect: 'malformed',
  },
  { name: 'an empty line', proxies: range, given: xff('1.1.1.1', ''), expect: 'malformed' },
  {
    name: 'a broken entry between the count and the end',
    proxies: toTrustedProxies(2),
    given: xff('192.0.2.1, nope'),
    expect: 'malformed',
  },
  {
    name: 'octal is not another host',
    proxies: range,
    given: xff('012.0.0.1'),
    expect: 'malformed',
  },
  {
    name: 'an obfuscated node',
    proxies: range,
    header: 'forwarded',
    given: forwarded('for=unknown'),
    expect: 'malformed',
  },
  {
    name: 'two for in one entry',
    proxies: range,
    header: 'forwarded',
    given: forwarded('for=1.1.1.1;for=2.2.2.2'),
    expect: 'malformed',
  },
  {
    name: 'an entry without for',
    proxies: range,
    header: 'forwarded',
    given: forwarded('for=1.1.1.1, proto=https'),
    expect: 'malformed',
  },
  {
    name: 'as many proxies as are followed',
    proxies: range,
    given: xff(`192.0.2.1${', 10.0.0.1'.repeat(64)}`),
    expect: '192.0.2.1',
  },
  {
    name: 'one proxy too many',
    proxies: range,
    given: xff(`192.0.2.1${', 10.0.0.1'.repeat(65)}`),
    expect: 'malformed',
  },
];

test.each(own)('$name', ({ proxies, header: named, peer, given, expect: wanted }) => {
  const header = named ?? ('x-forwarded-for' as const);
  const from = { peer: peer ?? '10.0.0.5', rawHeaders: given };
  const located = locateClient(from, { proxies, header });
  expect(withZone(located) ?? located.kind).toBe(wanted);
});
