/** Who may come in by address and country, and what files that change or break do to that. */
import { rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseAddress } from '../../gateway/addresses/ip-address.ts';
import { loadNetwork } from '../../gateway/admit/network-file.ts';
import { type NetworkPolicy, openNetwork } from '../../gateway/admit/network-policy.ts';
import { createNetwork, type NetworkOutside } from '../../gateway/admit/network-rules.ts';
import { openRegionDatabase } from '../../gateway/admit/region.ts';
import { isSpecial } from '../../gateway/admit/region-special.ts';
import type { SourceReport } from '../../gateway/files/file-source.ts';
import { readFileVersion } from '../../gateway/files/read-file.ts';
import { specialAddresses } from '../cases/client-ip-headers.ts';
import { problemsOf, writeFiles } from '../support/config-files.ts';
import { makeDatabase } from '../support/mmdb.ts';

const database = makeDatabase({
  '2.0.0.0/8': { country: { iso_code: 'DE' } },
  '5.0.0.0/8': { country_code: 'RU', autonomous_system_number: 64_500 },
  '2a00::/16': { country_code: 'DE' },
  '10.0.0.0/8': { country_code: 'DE' },
});

interface Rig {
  readonly directory: string;
  readonly reports: SourceReport[];
  /** Moves the clock and looks at what is due. */
  pass(ms: number): Promise<void>;
  decide(text: string): ReturnType<Awaited<ReturnType<typeof createNetwork>>['decide']>;
  readonly network: Awaited<ReturnType<typeof createNetwork>>;
}

async function rig(
  about: Partial<NetworkPolicy> & { blocked?: string; mmdb?: Buffer | undefined },
  more: Partial<NetworkOutside> = {},
): Promise<Rig> {
  const { blocked = '5.5.0.0/16\n2a00:1::/32\n', mmdb = database, ...rest } = about;
  const directory = await writeFiles({ 'blocked.txt': blocked, 'office.txt': '2.2.2.0/24\n' });
  await writeFile(join(directory, 'c.mmdb'), mmdb);
  const policy: NetworkPolicy = {
    ...openNetwork,
    lists: ['blocked', 'office'].map((name) => ({
      name,
      file: join(directory, `${name}.txt`),
      reloadMs: 5_000,
    })),
    ...rest,
    regions: rest.regions && { ...rest.regions, file: join(directory, rest.regions.file) },
  };
  const reports: SourceReport[] = [];
  let now = 0;
  let tick = () => {
    throw new Error('nothing looks');
  };
  const network = await createNetwork(policy, {
    now: () => now,
    readFile: readFileVersion,
    report: (report) => reports.push(report),
    every: (_ms, run) => {
      tick = run as () => never;
      return () => undefined;
    },
    ...more,
  });
  onTestFinished(() => network.close());
  reports.length = 0;
  return {
    directory,
    reports,
    network,
    decide: (text) => network.decide(parseAddress(text)),
    async pass(ms) {
      now += ms;
      tick();
      // A look that is under way is joined, not repeated.
      await network.reload();
    },
  };
}

const regions = { file: 'c.mmdb', reloadMs: 60_000, deny: [], allow: undefined };

const decisions: {
  name: string;
  policy: Partial<NetworkPolicy>;
  given: string;
  expect: string | undefined;
}[] = [
  { name: 'no rule', policy: {}, given: '5.5.5.5', expect: undefined },
  { name: 'no rule, no address', policy: {}, given: '', expect: undefined },
  { name: 'blocked', policy: { deny: ['blocked'] }, given: '5.5.5.5', expect: 'admit/ip-blocked' },
  {
    name: 'blocked, mapped',
    policy: { deny: ['blocked'] },
    given: '::ffff:5.5.5.5',
    expect: 'admit/ip-blocked',
  },
  {
    name: 'blocked, IPv6',
    policy: { deny: ['blocked'] },
    given: '2a00:1:0::1',
    expect: 'admit/ip-blocked',
  },
  { name: 'not blocked', policy: { deny: ['blocked'] }, given: '5.6.5.5', expect: undefined },
  {
    name: 'a rule, no address',
    policy: { deny: ['blocked'] },
    given: '',
    expect: 'admit/address-unknown',
  },
  { name: 'allowed', policy: { allow: ['office'] }, given: '2.2.2.2', expect: undefined },
  {
    name: 'not allowed',
    policy: { allow: ['office'] },
    given: '2.2.3.2',
    expect: 'admit/ip-blocked',
  },
  {
    name: 'allowed and blocked',
    policy: { allow: ['blocked'], deny: ['blocked'] },
    given: '5.5.5.5',
    expect: 'admit/ip-blocked',
  },
  {
    name: 'country denied',
    policy: { regions: { ...regions, deny: ['RU'] } },
    given: '5.6.7.8',
    expect: 'admit/region-blocked',
  },
  {
    name: 'country not denied',
    policy: { regions: { ...regions, deny: ['RU'] } },
    given: '2.6.7.8',
    expect: undefined,
  },
  {
    name: 'no country, some denied',
    policy: { regions: { ...regions, deny: ['RU'] } },
    given: '9.9.9.9',
    expect: undefined,
  },
  {
    name: 'country allowed',
    policy: { regions: { ...regions, allow: ['DE'] } },
    given: '2a00::1',
    expect: undefined,
  },
  {
    name: 'country not allowed',
    policy: { regions: { ...regions, allow: ['DE'] } },
    given: '5.6.7.8',
    expect: 'admit/region-blocked',
  },
  {
    name: 'no country, some allowed',
    policy: { regions: { ...regions, allow: ['DE'] } },
    given: '9.9.9.9',
    expect: 'admit/address-unknown',
  },
  {
    name: 'a private address is in no country, whatever the database says',
    policy: { regions: { ...regions, allow: ['DE'] } },
    given: '10.0.0.1',
    expect: 'admit/address-unknown',
  },
  {
    name: 'IPv4-compatible IPv6 is not the IPv4 inside',
    policy: { regions: { ...regions, allow: ['DE'] } },
    given: '::2.2.2.2',
    expect: 'admit/address-unknown',
  },
  {
    name: 'a country denied and allowed',
    policy: { regions: { ...regions, deny: ['DE'], allow: ['DE'] } },
    given: '2.2.2.2',
    expect: 'admit/region-blocked',
  },
];

test.each(decisions)('$name', async ({ policy, given, expect: refusal }) => {
  const { decide } = await rig(policy);
  expect(decide(given).refusal).toBe(refusal);
});

test('a decision says the country, the ASN and every list', async () => {
  const { decide } = await rig({ regions, blocked: '2.0.0.0/8\n', deny: ['blocked'] });
  expect(decide('2.2.2.2')).toEqual({
    refusal: 'admit/ip-blocked',
    country: 'DE',
    asn: undefined,
    lists: ['blocked', 'office'],
  });
  expect(decide('5.1.1.1')).toEqual({ country: 'RU', asn: 64_500, lists: [] });
});

describe('files that change', () => {
  test('a list is replaced when it is due, not before', async () => {
    const one = await rig({ deny: ['blocked'] });
    await writeFile(join(one.directory, 'blocked.txt'), '9.9.9.9\n');
    expect(one.decide('5.5.5.5').refusal).toBe('admit/ip-blocked');
    await one.pass(5_000);
    expect(one.decide('5.5.5.5').refusal).toBeUndefined();
    expect(one.decide('9.9.9.9').refusal).toBe('admit/ip-blocked');
    expect(one.reports.map(({ kind, name }) => [kind, name])).toEqual([['loaded', 'blocked']]);
  });

  test('nothing is read again while nothing changes', async () => {
    let reads = 0;
    const counting: NetworkOutside['readFile'] = async (file, options) => {
      const version = await readFileVersion(file, options);
      if (version !== undefined) reads += 1;
      return version;
    };
    const one = await rig({ deny: ['blocked'] }, { readFile: counting });
    await one.pass(60_000);
    await one.pass(60_000);
    expect(reads).toBe(2);
    expect(one.reports).toEqual([]);
  });

  test('a change of the same length with the old modification time is seen', async () => {
    const one = await rig({ deny: ['blocked'], blocked: '5.5.5.5\n' });
    const file = join(one.directory, 'blocked.txt');
    await utimes(file, 1, 1);
    await one.pass(5_000);
    await writeFile(file, '9.9.9.9\n');
    await utimes(file, 1, 1);
    await one.pass(5_000);
    expect(one.decide('9.9.9.9').refusal).toBe('admit/ip-blocked');
  });

  const breaks: { name: string; spoil: (file: string) => Promise<void>; expect: string }[] = [
    {
      name: 'a bad line',
      spoil: (file) => writeFile(file, '5.5.5.5\nnope\n'),
      expect: 'wrong-format',
    },
    { name: 'cut off to nothing', spoil: (file) => writeFile(file, ''), expect: 'empty' },
    { name: 'gone', spoil: (file) => rm(file), expect: 'file-missing' },
  ];

  test.each(breaks)('$name: the old list stays, said once', async ({ spoil, expect: code }) => {
    const one = await rig({ deny: ['blocked'] });
    const file = join(one.directory, 'blocked.txt');
    await spoil(file);
    for (let times = 0; times < 3; times += 1) await one.pass(5_000);
    expect(one.decide('5.5.5.5').refusal).toBe('admit/ip-blocked');
    const said = one.reports.map(({ kind, problems }) => [kind, problems[0]?.code]);
    expect(said).toEqual([['kept', code]]);
    expect(one.network.status().map(({ isStale }) => isStale)).toEqual([true, false]);
    await writeFile(file, '9.9.9.9\n');
    await one.pass(5_000);
    expect(one.decide('9.9.9.9').refusal).toBe('admit/ip-blocked');
    expect(one.network.status().map(({ isStale }) => isStale)).toEqual([false, false]);
  });

  test('a file that is away for a while and comes back is good again', async () => {
    const one = await rig({ deny: ['blocked'] });
    const file = join(one.directory, 'blocked.txt');
    await rename(file, `${file}.away`);
    await one.pass(5_000);
    expect(one.network.status()[0]?.isStale).toBe(true);
    await rename(`${file}.away`, file);
    await one.pass(5_000);
    expect(one.network.status()[0]?.isStale).toBe(false);
  });

  test('a broken database keeps the old one; a good one replaces it', async () => {
    const one = await rig({ regions: { ...regions, deny: ['RU'] } });
    const file = join(one.directory, 'c.mmdb');
    await writeFile(file, database.subarray(0, database.length - 20));
    await one.pass(60_000);
    expect(one.decide('5.6.7.8').refusal).toBe('admit/region-blocked');
    expect(one.reports.map(({ kind, name }) => [kind, name])).toEqual([['kept', 'regions']]);
    await writeFile(file, makeDatabase({ '5.0.0.0/8': { country_code: 'DE' } }));
    await one.pass(60_000);
    expect(one.decide('5.6.7.8').refusal).toBeUndefined();
  });
});

describe('at start', () => {
  const missing = { ...regions, file: 'none.mmdb' };

  test('a bad list refuses', async () => {
    const problems = await problemsOf(() => rig({ blocked: '1.1.1.1\nnope\n' }));
    expect(problems).toEqual([{ code: 'wrong-format', line: 2, column: 1, path: '' }]);
  });

  test('a missing database refuses where a rule needs it', async () => {
    const byRule = await problemsOf(() => rig({ regions: { ...missing, deny: ['RU'] } }));
    const byAllow = await problemsOf(() => rig({ regions: { ...missing, allow: ['DE'] } }));
    const byAccess = await problemsOf(() => rig({ regions: missing }, { needsRegions: true }));
    expect([...byRule, ...byAllow, ...byAccess].map(({ code }) => code)).toEqual([
      'file-missing',
      'file-missing',
      'file-missing',
    ]);
  });

  test('a missing database that nothing needs is said', async () => {
    const kinds: string[] = [];
    const one = await rig({ regions: missing }, { report: ({ kind }) => kinds.push(kind) });
    expect(kinds).toEqual(['loaded', 'loaded', 'absent']);
    expect(one.decide('2.2.2.2').country).toBeUndefined();
  });

  test('a directory is no list', async () => {
    const directory = await writeFiles({ 'a/b': '' });
    const lists = [{ name: 'a', file: join(directory, 'a'), reloadMs: 5_000 }];
    expect((await problemsOf(() => rig({ lists })))[0]?.code).toBe('file-missing');
  });

  test('a file that is too large is not read', async () => {
    const directory = await writeFiles({ a: '1.1.1.1\n' });
    const read = () => readFileVersion(join(directory, 'a'), { bytesMax: 7 });
    expect((await problemsOf(read)).map(({ code }) => code)).toEqual(['file-too-large']);
  });
});

describe('databases', () => {
  test('one that breaks at a look-up refuses where a country is needed', async () => {
    // A record that the probing does not meet, and whose bytes are no record.
    const sound = makeDatabase({
      '2.0.0.0/8': { country_code: 'DE' },
      '3.3.3.3/32': { country_code: 'ZZZZZZZ' },
    });
    const at = sound.indexOf('ZZZZZZZ') - 1;
    const broken = Buffer.from(sound).fill(0, at, at + 8);
    const ruled = await rig({ mmdb: broken, regions: { ...regions, deny: ['RU'] } });
    expect(ruled.decide('3.3.3.3').refusal).toBe('admit/address-unknown');
    expect(ruled.decide('2.2.2.2').refusal).toBeUndefined();
    const unruled = await rig({ mmdb: broken, regions });
    expect(unruled.decide('3.3.3.3').refusal).toBeUndefined();
  });

  const spoilt: { name: string; given: Buffer }[] = [
    { name: 'nothing', given: Buffer.alloc(0) },
    { name: 'a text', given: Buffer.from('not a database') },
    { name: 'its end cut off', given: database.subarray(0, database.length - 60) },
    { name: 'its tree cut out', given: database.subarray(database.length / 2) },
    { name: 'records of zeros', given: zeroed(database) },
    { name: 'no countries', given: makeDatabase({ '2.0.0.0/8': { city: 'Bonn' } }) },
  ];

  test.each(spoilt)('refused: $name', async ({ given }) => {
    const problems = await problemsOf(async () => openRegionDatabase(given, 'c.mmdb'));
    expect(problems.map(({ code }) => code)).toEqual(['wrong-format']);
  });

  test('an IPv4 database knows nothing of IPv6', () => {
    const four = openRegionDatabase(
      makeDatabase({ '32.0.0.0/4': { country_code: 'DE' } }, { ipVersion: 4 }),
      'c.mmdb',
    );
    const country = (text: string) => {
      const address = parseAddress(text);
      return address && four.lookUp(address).country;
    };
    expect([country('33.1.1.1'), country('2001:4860::1')]).toEqual(['DE', undefined]);
  });

  test('the embedded database opens and knows countries', async () => {
    const text = 'version: 1\nregions: { database: embedded, deny: [RU] }\n';
    const policy = await loadNetwork(await writeFiles({ 'network/a.yaml': text }));
    const network = await createNetwork(policy, {
      now: () => 0,
      readFile: readFileVersion,
      report: () => undefined,
    });
    onTestFinished(() => network.close());
    const decision = network.decide(parseAddress('193.0.6.139'));
    expect(decision.country).toMatch(/^[A-Z]{2}$/);
  });

  test.each(specialAddresses)(
    '$name: private or local is $expect',
    ({ given, expect: expected }) => {
      const address = parseAddress(given);
      expect(address !== undefined && isSpecial(address)).toBe(expected);
    },
  );
});

/** The records' bytes wiped, the tree and the metadata left. */
function zeroed(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const metadata = copy.indexOf('MaxMind.com') - 3;
  const records = copy.lastIndexOf(Buffer.alloc(16), metadata) + 16;
  return copy.fill(0, records, metadata);
}
