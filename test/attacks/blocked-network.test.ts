/**
 * A caller from a blocked network or country tries to come in: by another spelling of its address,
 * through the proxies' headers, or while the list or the database is being spoilt.
 *
 * From the socket's peer and headers to the decision, with files on disk.
 */
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadNetwork } from '../../gateway/admit/network-file.ts';
import { createNetwork } from '../../gateway/admit/network-rules.ts';
import { readFileVersion } from '../../gateway/files/read-file.ts';
import { locateClient, toTrustedProxies } from '../../gateway/identify/trusted-proxies.ts';
import { writeFiles } from '../support/config-files.ts';
import { makeDatabase } from '../support/mmdb.ts';

const rules = `version: 1
trustedProxies: [10.0.0.0/8]
lists: { blocked: { file: ../blocked.txt, reload: 1s } }
deny: [blocked]
regions: { database: ../country.mmdb, allow: [DE] }
`;

async function door() {
  const directory = await writeFiles({
    'policies/network/a.yaml': rules,
    'policies/blocked.txt': '# bad\n2.5.0.0/16\n2a00:5::/32\n',
  });
  const mmdb = join(directory, 'policies/country.mmdb');
  const made = { '2.0.0.0/8': { country_code: 'DE' }, '2a00::/16': { country_code: 'DE' } };
  await writeFile(mmdb, makeDatabase({ ...made, '5.0.0.0/8': { country_code: 'RU' } }));
  const policy = await loadNetwork(join(directory, 'policies'));
  const network = await createNetwork(policy, {
    now: () => 0,
    readFile: readFileVersion,
    report: () => undefined,
  });
  onTestFinished(() => network.close());
  const trust = { proxies: toTrustedProxies(policy.trustedProxies), header: policy.header };
  return {
    network,
    mmdb,
    list: join(directory, 'policies/blocked.txt'),
    knock(peer: string, ...forwardedFor: string[]): string {
      const rawHeaders = forwardedFor.flatMap((line) => ['X-Forwarded-For', line]);
      const located = locateClient({ peer, rawHeaders }, trust);
      if (located.kind === 'malformed') return 'malformed';
      const address = located.kind === 'address' ? located.address : undefined;
      return network.decide(address).refusal ?? 'in';
    },
  };
}

const cases: { name: string; peer: string; sent?: string[]; expect: string }[] = [
  { name: 'a guest', peer: '2.1.1.1', expect: 'in' },
  { name: 'a guest behind the proxy', peer: '10.0.0.1', sent: ['2.1.1.1'], expect: 'in' },
  { name: 'blocked', peer: '2.5.1.1', expect: 'admit/ip-blocked' },
  { name: 'mapped', peer: '::ffff:2.5.1.1', expect: 'admit/ip-blocked' },
  { name: 'mapped, hexadecimal', peer: '::FFFF:0205:0101', expect: 'admit/ip-blocked' },
  { name: 'IPv6, written out', peer: '2A00:0005:0:0:0:0:0:1', expect: 'admit/ip-blocked' },
  { name: 'IPv6 with a zone', peer: '2a00:5::1%eth0', expect: 'admit/ip-blocked' },
  { name: 'a header of its own', peer: '2.5.1.1', sent: ['2.1.1.1'], expect: 'admit/ip-blocked' },
  {
    name: 'a header before the proxy wrote its own',
    peer: '10.0.0.1',
    sent: ['2.1.1.1, 2.5.1.1'],
    expect: 'admit/ip-blocked',
  },
  {
    name: 'a line before the proxy wrote its own',
    peer: '10.0.0.1',
    sent: ['2.1.1.1', '2.5.1.1'],
    expect: 'admit/ip-blocked',
  },
  {
    name: 'behind the proxy, mapped',
    peer: '10.0.0.1',
    sent: ['::ffff:2.5.1.1'],
    expect: 'admit/ip-blocked',
  },
  { name: 'with a port', peer: '10.0.0.1', sent: ['2.5.1.1:4711'], expect: 'admit/ip-blocked' },
  { name: 'octal', peer: '10.0.0.1', sent: ['02.05.01.01'], expect: 'malformed' },
  { name: 'a number', peer: '10.0.0.1', sent: ['33882369'], expect: 'malformed' },
  { name: 'no header at all', peer: '10.0.0.1', expect: 'malformed' },
  { name: 'the proxy itself', peer: '10.0.0.1', sent: ['10.0.0.2'], expect: 'malformed' },
  { name: 'another country', peer: '5.1.1.1', expect: 'admit/region-blocked' },
  { name: 'no country', peer: '9.9.9.9', expect: 'admit/address-unknown' },
  { name: 'IPv4-compatible', peer: '::2.1.1.1', expect: 'admit/address-unknown' },
  { name: 'a private address', peer: '192.168.1.1', expect: 'admit/address-unknown' },
];

test.each(cases)('$name', async ({ peer, sent = [], expect: expected }) => {
  const { knock } = await door();
  expect(knock(peer, ...sent)).toBe(expected);
});

test('a list and a database cut off while they are replaced let nobody in', async () => {
  const { knock, network, list, mmdb } = await door();
  for (const file of [list, mmdb]) await truncate(file, 0);
  await network.reload();
  expect(knock('2.5.1.1')).toBe('admit/ip-blocked');
  expect(knock('5.1.1.1')).toBe('admit/region-blocked');
  expect(knock('2.1.1.1')).toBe('in');
  expect(network.status().map(({ isStale }) => isStale)).toEqual([true, true]);
});
