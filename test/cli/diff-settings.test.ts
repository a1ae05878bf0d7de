/** Limits, rates, networks and classes that let more happen than before, each in a line of its own. */
import { describe } from 'vitest';
import { access, bothWays, changed, testRows, withMore } from './diff-rig.ts';
import { type Files, people } from './run-command.ts';

const withFiles = (files: Files): Files => ({ ...people, ...files });

const limits = (text: string): Files =>
  withFiles({ 'policies/limits/a.yaml': `version: 1\n${text}` });
const trusted = (documents: Readonly<Record<string, string>>): Files =>
  withFiles({
    'policies/limits/a.yaml': 'version: 1\ndocuments: trusted\nmanifest: a.json\n',
    'policies/limits/a.json': JSON.stringify(documents),
  });
const network = (text: string): Files =>
  withFiles({
    'policies/network/a.yaml': `version: 1\nlists: { bad: { file: bad.txt }, good: { file: bad.txt } }\n${text}`,
    'policies/network/bad.txt': '192.0.2.0/24\n',
  });
const rates = (text: string): Files =>
  withFiles({ 'policies/rates/a.yaml': `version: 1\nrates: [${text}]\n` });
const rate = (more: string): Files => rates(`{ name: few, per: caller, ${more} }`);

describe('limits', () => {
  testRows([
    ...bothWays(
      'a larger one',
      [limits('limits: { depth: 8 }\n'), people],
      ['limits.depth', '8', '10'],
    ),
    ...bothWays(
      'a smaller factor',
      [people, limits('limits: { referenceFactor: 1 }\n')],
      ['limits.referenceFactor', '2', '1'],
    ),
    ...bothWays(
      'a cheaper call',
      [people, limits('upstreamCall: 5\n')],
      ['upstreamCall', '10', '5'],
    ),
    ...bothWays(
      'a lower weight',
      [limits('weights: { Query.people: 9 }\n'), limits('weights: { Query.people: 2 }\n')],
      ['weights.Query.people', '9', '2'],
    ),
    ...bothWays(
      'any document',
      [trusted({ a: '{ people { id } }' }), people],
      ['documents', 'trusted', 'any'],
    ),
    ...bothWays(
      'a document more',
      [
        trusted({ a: '{ people { id } }' }),
        trusted({ a: '{ people { id } }', b: '{ things { label } }' }),
      ],
      ['manifest', 'nothing', 'b'],
    ),
    {
      name: 'a document with another text',
      base: trusted({ a: '{ people { id } }' }),
      files: trusted({ a: '{ people { fullName } }' }),
      lines: ['widens manifest: nothing, now a'],
    },
    {
      name: 'a weight that may be less than what was counted',
      files: limits('weights: { Query.people: 9 }\n'),
      lines: ['widens weights.Query.people: nothing, now 9'],
    },
  ]);
});

describe('rates', () => {
  const few = 'limit: 5, window: 1m';
  testRows([
    ...bothWays(
      'a rate that is gone',
      [rate(few), people],
      ['rates.few', '5 requests per caller in 1m', 'nothing'],
    ),
    ...bothWays(
      'a higher limit',
      [rate(few), rate('limit: 6, window: 1m')],
      ['rates.few.limit', '5', '6'],
    ),
    ...bothWays(
      'a shorter window',
      [rate(few), rate('limit: 5, window: 1s')],
      ['rates.few.window', '1m', '1s'],
    ),
    ...bothWays(
      'for fewer callers',
      [rate(few), rate(`${few}, for: { clients: [partner] }`)],
      ['rates.few.for', 'everyone', 'clients partner'],
    ),
    ...bothWays(
      'for fewer fields',
      [
        rate(`${few}, fields: { Query: [people, person] }`),
        rate(`${few}, fields: { Query: [people] }`),
      ],
      ['rates.few.fields', 'Query.person', 'nothing'],
    ),
    {
      name: 'for other callers',
      base: rate(`${few}, for: { clients: [a] }`),
      files: rate(`${few}, for: { clients: [b] }`),
      lines: [
        'widens rates.few.for: clients a, now clients b',
        'narrows rates.few.for: clients a, now clients b',
      ],
    },
    {
      name: 'by another key',
      base: rate(few),
      files: rates(`{ name: few, per: [caller, address], ${few} }`),
      lines: ['widens rates.few.per: caller, now caller, address'],
    },
    {
      name: 'for some fields in the place of every request',
      base: rate(few),
      files: rate(`${few}, fields: { Query: [people] }`),
      lines: [
        'widens rates.few.counts: requests, now occurrences',
        'widens rates.few.fields: every request, now Query.people',
      ],
    },
  ]);
});

describe('the network', () => {
  testRows([
    ...bothWays(
      'a list that kept some out',
      [network('deny: [bad]\n'), network('')],
      ['network.deny', 'bad', 'nothing'],
    ),
    ...bothWays(
      'the lists that were let in alone',
      [network('allow: [good]\n'), network('')],
      ['network.allow', 'good', 'any'],
    ),
    ...bothWays(
      'one more that is let in',
      [network('allow: [good]\n'), network('allow: [good, bad]\n')],
      ['network.allow', 'nothing', 'bad'],
    ),
    ...bothWays(
      'a country that was kept out',
      [
        network('regions: { database: embedded, deny: [DE, FR] }\n'),
        network('regions: { database: embedded, deny: [DE] }\n'),
      ],
      ['network.regions.deny', 'FR', 'nothing'],
    ),
    {
      name: 'another file of a list',
      base: network('deny: [bad]\n'),
      files: withFiles({
        'policies/network/a.yaml': 'version: 1\nlists: { bad: { file: none.txt } }\ndeny: [bad]\n',
        'policies/network/none.txt': '',
      }),
      lines: ['widens network.lists.bad: network/bad.txt, now network/none.txt'],
    },
    {
      name: 'a proxy more',
      base: network('trustedProxies: 1\n'),
      files: network('trustedProxies: 2\n'),
      lines: ['widens network.trustedProxies: 1, now 2'],
    },
    {
      name: 'a proxy less, whose address is that of all who come through it',
      base: network('trustedProxies: [10.0.0.0/8]\n'),
      files: network('trustedProxies: []\n'),
      lines: ['widens network.trustedProxies: ["10.0.0.0/8"], now []'],
    },
  ]);
});

describe('classes', () => {
  testRows([
    ...bothWays(
      'the one of an argument that goes with its field then',
      [
        withMore(
          '{ name: pages, class: pages, fields: { Query: ["people(limit:)"] }, allow: { scopes: [people:read] } }',
        ),
        people,
      ],
      ['class of Query.people(limit:)', 'pages', 'nothing'],
    ),
    ...bothWays(
      'one that is taken off',
      [
        people,
        changed(access, [
          'Person: [iban], Account: [iban] }',
          'Account: [iban] }\n    allow: { scopes: [pay:read] }\n    otherwise: [{ mask: last4, allow: { scopes: [pay:masked] } }, deny]\n  - name: other\n    fields: { Person: [iban] }',
        ]),
      ],
      ['class of Person.iban', 'banking', 'nothing'],
    ),
  ]);
});

describe('detections', () => {
  const detections = (...texts: string[]): Files =>
    withFiles({ 'policies/detect/a.yaml': `version: 1\ndetections: [${texts.join(', ')}]\n` });
  const base =
    'severity: high, match: { denied: "*" }, per: caller, count: 5, window: 10m, quiet: 15m';
  const one = (text = base): Files => detections(`{ name: few, ${text} }`);
  const changedTo = (from: string, to: string): [Files, Files] => [
    one(),
    one(base.replace(from, to)),
  ];

  testRows([
    ...bothWays(
      'a detection that is gone',
      [one(), detections()],
      ['detections.few', '5 requests in 10m', 'nothing'],
    ),
    ...bothWays('a higher count', changedTo('count: 5', 'count: 9'), [
      'detections.few.count',
      '5',
      '9',
    ]),
    ...bothWays('a shorter window', changedTo('window: 10m', 'window: 1m'), [
      'detections.few.window',
      '10m',
      '1m',
    ]),
    ...bothWays('quiet for longer', changedTo('quiet: 15m', 'quiet: 1d'), [
      'detections.few.quiet',
      '15m',
      '1d',
    ]),
    ...bothWays('a lower severity', changedTo('severity: high', 'severity: low'), [
      'detections.few.severity',
      'high',
      'low',
    ]),
  ]);
});
