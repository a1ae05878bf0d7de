/** Lists of networks: what a file may hold, and that a look-up answers as a plain search would. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../gateway/addresses/ip-address.ts';
import { networkContains, parseNetwork } from '../../gateway/addresses/ip-network.ts';
import { parseNetworkList } from '../../gateway/admit/network-list.ts';
import { problemsOf, readMarks } from '../support/config-files.ts';

const read = (text: string) => parseNetworkList(Buffer.from(text), 'list.txt');

const good = [
  { name: 'comments and blank lines', given: '# all\n\n10.0.0.1 # one\n  \n', expect: 1 },
  { name: 'no line end at the end', given: '10.0.0.1\n10.0.0.2', expect: 2 },
  { name: 'other line ends', given: '10.0.0.1\r\n10.0.0.2\r\n', expect: 2 },
  { name: 'blanks around', given: '\t 10.0.0.0/8 \t# a\n', expect: 1 },
  { name: 'a byte order mark', given: '\ufeff10.0.0.1\n', expect: 1 },
  { name: 'line ends that were converted twice', given: '10.0.0.1\r\r\n# a\r\r\n', expect: 1 },
  { name: 'repeats', given: '10.0.0.1\n10.0.0.1\n', expect: 2 },
  { name: 'nothing but a comment', given: '# none', expect: 0 },
];

test.each(good)('a good list: $name', async ({ given, expect: entries }) => {
  expect((await read(given)).entries).toBe(entries);
});

const bad = [
  { name: 'a word', given: '10.0.0.1\n▸nope\n', expect: 'wrong-format' },
  { name: 'octal', given: '▸010.0.0.1\n', expect: 'wrong-format' },
  { name: 'two on a line', given: '  ▸10.0.0.1 10.0.0.2\n', expect: 'wrong-format' },
  { name: 'a prefix too long', given: '# a\n▸10.0.0.0/33\n', expect: 'wrong-format' },
  { name: 'a range', given: '▸10.0.0.1-10.0.0.9\n', expect: 'wrong-format' },
  { name: 'a zone', given: '▸fe80::1%eth0\n', expect: 'wrong-format' },
  { name: 'several', given: '▸a\n::1\n▸b\n', expect: 'wrong-format' },
  { name: 'not a byte', given: '▸', expect: 'empty' },
  { name: 'a line end alone', given: '▸\n', expect: 'empty' },
  { name: 'blanks alone', given: '▸ \t\r\n\r\n  ', expect: 'empty' },
  { name: 'a byte order mark alone', given: '▸\ufeff', expect: 'empty' },
  { name: 'line ends of old systems', given: '# all▸\r10.0.0.0/8\r', expect: 'wrong-format' },
  { name: 'and behind an entry', given: '10.0.0.1 # a▸\r10.0.0.2\r\n', expect: 'wrong-format' },
];

test.each(bad)('a bad list: $name', async ({ given, expect: code }) => {
  const { text, places } = readMarks(given);
  const problems = await problemsOf(() => read(text));
  expect(problems).toEqual(places.map((place) => ({ ...place, code, path: '' })));
});

test('a list that is not text', async () => {
  const problems = await problemsOf(() => parseNetworkList(Buffer.from([0xff, 0xfe]), 'list.txt'));
  expect(problems.map(({ code }) => code)).toEqual(['file-encoding']);
});

test('bad lines are reported up to a bound', async () => {
  expect(await problemsOf(() => read('nope\n'.repeat(5_000)))).toHaveLength(100);
});

test('a million entries and no more', async () => {
  const million = '10.0.0.1\n'.repeat(1_000_000);
  expect((await read(million)).entries).toBe(1_000_000);
  const problems = await problemsOf(() => read(`${million}10.0.0.1\n`));
  expect(problems).toEqual([{ code: 'out-of-range', line: 1_000_001, column: 1, path: '' }]);
});

describe('look-ups', () => {
  const edges = [
    {
      given: ['10.0.0.0/8'],
      in: ['10.0.0.0', '10.255.255.255'],
      out: ['9.255.255.255', '11.0.0.0'],
    },
    { given: ['0.0.0.0/0'], in: ['0.0.0.0', '255.255.255.255'], out: ['::', '::1'] },
    { given: ['::/0'], in: ['::', 'ffff::'], out: ['0.0.0.0', '::ffff:1.2.3.4'] },
    { given: ['255.255.255.255', '0.0.0.0'], in: ['255.255.255.255', '0.0.0.0'], out: ['1.1.1.1'] },
    { given: ['::ffff:10.0.0.0/104'], in: ['10.1.1.1', '::ffff:10.1.1.1'], out: ['::a01:101'] },
    {
      given: ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db8::/33'],
      in: ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db8:7fff:ffff::1'],
      out: ['2001:db8:8000::', 'ffff::'],
    },
    { given: ['# none'], in: [], out: ['10.0.0.1', '::1'] },
  ];

  test.each(edges)('edges of $given', async ({ given, in: inside, out }) => {
    const list = await read(given.join('\n'));
    const isOn = (text: string) => {
      const address = parseAddress(text);
      if (address === undefined) throw new Error(text);
      return list.has(address);
    };
    expect(inside.filter((text) => !isOn(text))).toEqual([]);
    expect(out.filter(isOn)).toEqual([]);
  });

  test('answer as a search through every network, nested, adjacent and in any order', async () => {
    // Few distinct bits, so that networks touch and contain one another.
    const four = fc.array(fc.constantFrom(0, 1, 127, 128, 255), { minLength: 4, maxLength: 4 });
    const six = fc.array(fc.constantFrom('0', '1', '8000', 'ffff'), { minLength: 8, maxLength: 8 });
    const address = fc.oneof(
      four.map((parts) => parts.join('.')),
      six.map((parts) => parts.join(':')),
    );
    const prefix = fc.nat(128);
    const network = fc
      .tuple(address, prefix)
      .map(([text, bits]) => `${text}/${text.includes(':') ? bits : bits % 33}`)
      .filter((text) => parseNetwork(text) !== undefined);
    await fc.assert(
      fc.asyncProperty(
        fc.array(network, { maxLength: 12 }),
        fc.array(address, { minLength: 1, maxLength: 48 }),
        async (networks, addresses) => {
          const list = await read(`#\n${networks.join('\n')}`);
          const parsed = networks.flatMap((given) => parseNetwork(given) ?? []);
          const answers = addresses.map((text) => {
            const one = parseAddress(text);
            if (one === undefined) throw new Error(text);
            return {
              text,
              is: list.has(one),
              due: parsed.some((all) => networkContains(all, one)),
            };
          });
          expect(answers.filter(({ is, due }) => is !== due)).toEqual([]);
        },
      ),
      // A list takes long to build, however short: fewer of them, and more is asked of each.
      { numRuns: Number(process.env.FUZZ_RUNS ?? 500) },
    );
  });
});
