/**
 * One mistake per case, in gateway.yaml and in every folder of policies. `▸` marks where it has to
 * be reported. `editor: false` where JSON Schema cannot know of it: names of the graph, what two
 * keys say together.
 */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references as operators write them
import { type Files, people } from './run-command.ts';

export interface WrongFile {
  readonly name: string;
  readonly file: string;
  readonly text: string;
  readonly editor: boolean;
}

export type SchemaName =
  | 'gateway'
  | 'access'
  | 'rates'
  | 'limits'
  | 'network'
  | 'detect'
  | 'cases'
  | 'detect-cases';

const gateway = people['gateway.yaml'] ?? '';

type Row = [name: string, from: string | RegExp, to: string, editor?: false];

/** A change of the good gateway.yaml, which must take. */
const inGateway = ([name, from, to, editor = true]: [
  string,
  string | RegExp,
  string,
  boolean?,
]) => {
  const text = gateway.replace(from, to);
  if (text === gateway) throw new Error(`nothing changed: ${name}`);
  return { name: `gateway.yaml: ${name}`, file: 'gateway.yaml', text, editor };
};

const changed: Row[] = [
  ['an unknown key', 'version: 1\n', 'version: 1\n▸listn: { port: 1 }\n'],
  ['another version', 'version: 1', 'version: ▸2'],
  ['a port that is none', 'version: 1\n', 'version: 1\nlisten: { port: ▸70000 }\n'],
  ['a port in words', 'version: 1\n', 'version: 1\nlisten: { port: ▸http }\n'],
  ['one port twice', 'version: 1\n', 'version: 1\nadmin: { port: ▸4000 }\n', false],
  ['TLS without a key', 'version: 1\n', 'version: 1\nlisten: { ▸tls: { cert: a } }\n'],
  ['a missing variable', 'http://127.0.0.1:1', '"▸${UPSTREAM_URL}"', false],
  ['a reference that is none', 'http://127.0.0.1:1', '"a▸${1}"', false],
  ['a URL with a password', 'http://127.0.0.1:1', '▸http://a:b@127.0.0.1:1', false],
  ['a URL of a file', 'http://127.0.0.1:1', '▸file:///etc/passwd', false],
  ['an operation without a path', 'GET /people\n', '▸GET\n'],
  ['an operation of no root', 'Query.people: GET', '▸People.people: GET'],
  [
    'a list of operations',
    /operations:\n[\s\S]*?\{person-id\}\n {4}headers/,
    'operations: ▸[Query.people]\n    headers',
    false,
  ],
  ['a header of the connection', 'x-tenant: "{claims.tenant}"', '▸connection: close', false],
  ['a misspelt placeholder', '"{claims.tenant}"', '▸"{claim.tenant}"', false],
  ['a form too many', 'pay: { graphql', '▸pay: { openapi: a.yaml, graphql', false],
  [
    'an unknown upstream in a join',
    'pay: { field: peopleById',
    '▸payy: { field: peopleById',
    false,
  ],
  ['a join without a key', '  Person:\n    key: id\n', '  ▸Person:\n'],
  [
    'an unknown upstream in a link',
    'upstream: people, field: person,',
    'upstream: ▸peple, field: person,',
    false,
  ],
  ['a link that is no coordinate', 'Person.boss:', '▸boss:'],
  ['an algorithm that shares secrets', '[ES256]', '[▸HS256]'],
  ['an empty list of algorithms', '[ES256]', '▸[]'],
  ['nobody who could come in', /identity:\n[\s\S]*$/, '▸identity: { anonymous: refuse }\n', false],
  ['introspection for whom', 'identity:', 'introspection: ▸always\nidentity:'],
  [
    'a store without a word on its loss',
    'identity:',
    '▸store: redis://127.0.0.1:1\nidentity:',
    false,
  ],
  ['a store of no form', 'identity:', 'store: ▸127.0.0.1:6379\nidentity:'],
  [
    'a sentinel without a name',
    'identity:',
    'store: ▸sentinel://127.0.0.1:26379\nonStoreDown: refuse\nidentity:',
    false,
  ],
  [
    'a store at a port that is none',
    'identity:',
    'store: ▸redis://127.0.0.1:99999\nonStoreDown: refuse\nidentity:',
    false,
  ],
  [
    'a cluster of something else',
    'identity:',
    'store: [redis://127.0.0.1:1, ▸127.0.0.1]\nonStoreDown: refuse\nidentity:',
  ],
  ['a mask key that can be guessed', 'identity:', 'masks: { key: ▸short }\nidentity:'],
  ['policies that are not there', 'identity:', 'policies: ▸polices\nidentity:', false],
  ['a tab', 'joins:', '▸\tjoins:', false],
  ['a key twice', 'identity:', 'policies: a\n▸policies: b\nidentity:', false],
];

const v = 'version: 1\n';
const inPolicy =
  (folder: string, head: string) =>
  ([name, , to, editor = true]: [string, string | RegExp, string, boolean?]) => ({
    name: `${folder}: ${name}`,
    file: `policies/${folder}/wrong.yaml`,
    text: `${v}${head}${to}\n`,
    editor,
  });

const rule = (text: string): string => `  - { name: x, ${text} }`;
const personTag = 'fields: { Query: ["person(personId:)"] }';

const access: Row[] = [
  ['a rule that says nothing', '', rule(personTag).replace('{', '▸{'), false],
  ['an empty condition', '', rule(`${personTag}, allow: ▸{}`)],
  ['a condition with not', '', rule(`${personTag}, allow: { ▸not: { scopes: [a] } }`)],
  ['a misspelt condition', '', rule(`${personTag}, allow: { ▸scope: [a] }`)],
  ['an empty list of scopes', '', rule(`${personTag}, allow: { scopes: ▸[] }`)],
  ['a country that is none', '', rule(`${personTag}, allow: { regions: [▸Germany] }`)],
  [
    'hours without a zone',
    '',
    rule(`${personTag}, allow: { hours: ▸{ days: [mon], from: "08:00", to: "09:00" } }`),
  ],
  ['a sign-in of any kind', '', rule(`${personTag}, allow: { auth: ▸{} }`)],
  ['how recent, without a unit', '', rule(`${personTag}, allow: { auth: { maxAge: ▸300 } }`)],
  ['how strong, in a word', '', rule(`${personTag}, allow: { auth: { acr: ▸mfa } }`)],
  ['a pin to no claim', '', '  - { name: x, pin: { "Query.person(personId:)": ▸tenant } }'],
  ['a pin of a field', '', '  - { name: x, pin: { ▸Query.person: claims.tenant } }'],
  ['forbid and allow', '', rule(`${personTag}, forbid: true, ▸allow: everyone`), false],
  [
    'an unknown mask',
    '',
    rule(`${personTag}, allow: everyone, otherwise: [{ mask: ▸last5, allow: everyone }]`),
  ],
  ['a mask for nobody', '', rule(`${personTag}, allow: everyone, otherwise: [▸{ mask: last4 }]`)],
  ['an unknown outcome', '', rule(`${personTag}, allow: everyone, otherwise: [▸hidden]`)],
  [
    'an outcome before a mask',
    '',
    rule(`${personTag}, allow: everyone, otherwise: [hide, ▸{ mask: last4, allow: everyone }]`),
    false,
  ],
  ['a misspelt key', '', rule(`${personTag}, allow: everyone, ▸requires: everyone`)],
  ['a name with a space', '', '  - { name: ▸a b, fields: { Query: [people] }, allow: everyone }'],
  [
    'a name twice',
    '',
    '  - ▸{ name: directory, fields: { Query: [people] }, allow: everyone }',
    false,
  ],
  [
    'a list of networks that there is not',
    '',
    rule(`${personTag}, allow: { network: ▸office }`),
    false,
  ],
  [
    'one of several lists of networks that there is not, deep in a mask',
    '',
    rule(
      `${personTag}, allow: everyone, otherwise: [{ mask: redact, allow: { any: [{ roles: [x] }, { network: [▸office] }] } }]`,
    ),
    false,
  ],
  [
    'countries without a database',
    '',
    rule(`types: [Person], require: { roles: [x], regions: ▸[DE] }`),
    false,
  ],
  [
    'a field that the graph has not',
    '',
    rule('fields: { Person: [▸fulName] }, allow: everyone'),
    false,
  ],
  ['a type that the graph has not', '', rule('fields: { Persn: [▸id] }, allow: everyone'), false],
  [
    'a mask on a number',
    '',
    rule(
      'fields: { Person: [salary] }, allow: { roles: [x] }, otherwise: [▸{ mask: year, allow: everyone }]',
    ),
    false,
  ],
  [
    'two otherwise on one coordinate',
    '',
    rule('fields: { Query: [accounts] }, allow: everyone, ▸otherwise: [hide]').replace(
      '▸otherwise: [',
      'otherwise: ▸[',
    ),
    false,
  ],
];

const rates: Row[] = [
  ['a limit of 0', '', rule('per: address, limit: ▸0, window: 1m')],
  ['a window without a unit', '', rule('per: address, limit: 1, window: ▸60')],
  ['whose rate it is', '', rule('per: ▸everybody, limit: 1, window: 1m')],
  ['an argument of nothing', '', rule('per: ▸args.email, limit: 1, window: 1m'), false],
  ['a misspelt key', '', rule('per: address, limit: 1, window: 1m, ▸clas: pay')],
  [
    'a list of networks that there is not',
    '',
    rule('per: address, limit: 1, window: 1m, for: { network: ▸office }'),
    false,
  ],
  [
    'a field that nobody has',
    '',
    rule('fields: { Query: [▸peopleById] }, per: caller, limit: 1, window: 1m'),
    false,
  ],
];
const limits: Row[] = [
  ['no depth', '', '  depth: ▸0'],
  ['a limit that there is not', '', '  ▸width: 10'],
  ['more than can be', '', '  bodyBytes: ▸99999999999'],
  [
    'how long is what is no list',
    '',
    '  depth: 5\nlistSizes: { ▸Query.person: { assumed: 3 } }',
    false,
  ],
  [
    'a manifest that is not there',
    '',
    '  depth: 5\ndocuments: trusted\nmanifest: [▸absent.json]',
    false,
  ],
  ['documents of a manifest that is not named', '', '  depth: 5\ndocuments: ▸trusted', false],
];
const network: Row[] = [
  ['a proxy that is no network', '', 'trustedProxies: [▸proxy.local]', false],
  ['a list that is not there', '', 'deny: [▸blocked]', false],
  ['a list whose file is not there', '', 'lists: { blocked: { file: ▸absent.txt } }', false],
  ['a database that is not there', '', 'regions: { database: ▸absent.mmdb, deny: [DE] }', false],
  ['a header of somebody', '', 'header: ▸x-real-ip'],
  ['a misspelt key', '', '▸region: { database: embedded }'],
];

export const wrongFiles: readonly WrongFile[] = [
  ...changed.map(inGateway),
  ...access.map(inPolicy('access', 'rules:\n')),
  ...rates.map(inPolicy('rates', 'rates:\n')),
  ...limits.map(inPolicy('limits', 'limits:\n')),
  ...network.map(inPolicy('network', '')),
];

export const withWrong = ({ file, text }: WrongFile): Files => ({ ...people, [file]: text });

export function schemaOf(file: string): SchemaName {
  if (/^policies\/detect\/.*\.cases\.yaml$/.test(file)) return 'detect-cases';
  if (file.endsWith('.cases.yaml')) return 'cases';
  return file === 'gateway.yaml' ? 'gateway' : (file.split('/')[1] as SchemaName);
}
