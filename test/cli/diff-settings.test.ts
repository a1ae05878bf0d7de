/** Settings that let more happen than before, each in a line of its own. */
import { describe } from 'vitest';
import { access, changed, type Row, swap, testRows, withMore } from './diff-rig.ts';
import { type Files, people, peopleWith } from './run-command.ts';

const config = 'gateway.yaml';
const withFiles = (files: Files): Files => ({ ...people, ...files });

/** As written there and back, with what each widens and narrows. */
function bothWays(
  name: string,
  [base, files]: readonly [Files, Files],
  texts: readonly [string, string, string],
): Row[] {
  const [setting, was, is] = texts;
  return [
    { name, base, files, lines: [`widens ${setting}: ${was}, now ${is}`] },
    {
      name: `${name}, back`,
      base: files,
      files: base,
      lines: [`narrows ${setting}: ${is}, now ${was}`],
    },
  ];
}

const withConfig = (text: string): Files =>
  peopleWith({ [config]: (before) => `${before}${text}` });
const limits = (text: string): Files =>
  withFiles({ 'policies/limits/a.yaml': `version: 1\n${text}` });
const network = (text: string): Files =>
  withFiles({
    'policies/network/a.yaml': `version: 1\nlists: { bad: { file: bad.txt }, good: { file: bad.txt } }\n${text}`,
    'policies/network/bad.txt': '192.0.2.0/24\n',
  });
const rates = (text: string): Files =>
  withFiles({ 'policies/rates/a.yaml': `version: 1\nrates: [${text}]\n` });
const rate = (more: string): Files => rates(`{ name: few, per: caller, ${more} }`);

describe('gateway.yaml', () => {
  testRows([
    ...bothWays(
      'introspection for everyone',
      [people, withConfig('introspection: everyone\n')],
      ['introspection', 'authenticated', 'everyone'],
    ),
    ...bothWays(
      'introspection for some',
      [withConfig('introspection: nobody\n'), people],
      ['introspection', 'nobody', 'authenticated'],
    ),
    ...bothWays(
      'longer batches',
      [people, withConfig('batch: { max: 20 }\n')],
      ['batch.max', '10', '20'],
    ),
    ...bothWays(
      'any host',
      [withConfig('listen: { hosts: [a.example] }\n'), people],
      ['listen.hosts', 'a.example', 'any'],
    ),
    ...bothWays(
      'a ceiling that is gone',
      [
        changed(config, [
          'algorithms: [ES256]',
          'algorithms: [ES256], may: { scopes: [a], roles: [] }',
        ]),
        changed(config, [
          'algorithms: [ES256]',
          'algorithms: [ES256], may: { scopes: [a, b], roles: [] }',
        ]),
      ],
      ['identity.jwt[https://idp.example.com].may.scopes', 'nothing', 'b'],
    ),
    ...bothWays(
      'an audience more',
      [people, changed(config, ['audience: graph', 'audience: [graph, other]'])],
      ['identity.jwt[https://idp.example.com].audience', 'nothing', 'other'],
    ),
    {
      name: 'other keys',
      files: changed(config, ['keys.json', 'others.json']),
      lines: ['widens identity.jwt[https://idp.example.com].keys: keys.json, now others.json'],
    },
    {
      name: 'strangers let in, where nothing is for everyone',
      files: changed(config, ['identity:\n', 'identity:\n  anonymous: allow\n']),
      lines: ['widens identity.anonymous: refuse, now allow'],
    },
    {
      name: 'strangers let in, and what they get',
      base: withMore('{ name: more, fields: { Query: [peopleById] }, allow: everyone }'),
      files: peopleWith({
        [config]: (text) => swap(text, [['identity:\n', 'identity:\n  anonymous: allow\n']]),
        [access]: (text) =>
          `${text}  - { name: more, fields: { Query: [peopleById] }, allow: everyone }\n`,
      }),
      lines: [
        'widens identity.anonymous: refuse, now allow',
        'widens Query.peopleById: deny, now allow for anonymous',
      ],
    },
  ]);
});

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
      ['rates.few', '5 requests per caller in 60s', 'nothing'],
    ),
    ...bothWays(
      'a higher limit',
      [rate(few), rate('limit: 6, window: 1m')],
      ['rates.few.limit', '5', '6'],
    ),
    ...bothWays(
      'a shorter window',
      [rate(few), rate('limit: 5, window: 1s')],
      ['rates.few.window', '60s', '1s'],
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
    ...bothWays(
      'a proxy more',
      [network('trustedProxies: 1\n'), network('trustedProxies: 2\n')],
      ['network.trustedProxies', '1', '2'],
    ),
  ]);
});

describe('classes', () => {
  testRows(
    bothWays(
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
  );
});
