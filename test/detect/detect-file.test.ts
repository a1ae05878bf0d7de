/** What is wrong in policies/detect: by code and place, at start. */
import { describe, expect, test } from 'vitest';
import { people, runCommand } from '../cli/run-command.ts';
import { readMarks } from '../support/config-files.ts';

interface Row {
  readonly name: string;
  /** One detection without its name; `▸` marks the place. */
  readonly text: string;
  readonly says: RegExp;
}

const rows: Row[] = [
  {
    name: 'a coordinate of nothing',
    text: 'severity: low, match: { denied: [Person.iban, ▸Person.ibann] }',
    says: /the graph has no "Person.ibann" \(did you mean "Person.iban"\?\)/,
  },
  {
    name: 'a type of nothing',
    text: 'severity: low, match: { denied: ▸Persons.* }',
    says: /the graph has no "Persons\.\*"/,
  },
  {
    name: 'a coordinate without a class among those that left',
    text: 'severity: low, match: { coordinates: ▸Person.fullName }',
    says: /"Person.fullName" has no class/,
  },
  {
    name: 'a class of nothing',
    text: 'severity: low, match: { classes: ▸bankin }',
    says: /there is no class "bankin" \(did you mean "banking"\?\)/,
  },
  {
    name: 'a reason of nothing',
    text: 'severity: low, match: { reasons: [▸identify/token-signatur] }',
    says: /did you mean "identify\/token-signature"\?/,
  },
  {
    name: 'a step of nothing',
    text: 'severity: low, match: { reasons: ▸authenticate/* }',
    says: /there is no reason "authenticate\/\*"/,
  },
  {
    name: 'a list of nothing',
    text: 'severity: low, match: { networks: ▸office }',
    says: /there is no list in policies\/network "office"/,
  },
  {
    name: 'a rate of nothing',
    text: 'severity: low, match: { rates: ▸logins }',
    says: /there is no rate "logins"/,
  },
  {
    name: 'an upstream of nothing',
    text: 'severity: low, match: { upstreams: ▸peopl }',
    says: /there is no upstream "peopl" \(did you mean "people"\?\)/,
  },
  {
    name: 'an issuer of nothing',
    text: 'severity: low, match: { issuers: ▸https://idp.example.org }',
    says: /there is no issuer in identity.jwt/,
  },
  {
    name: 'countries without a database',
    text: 'severity: low, match: { countries: ▸DE }',
    says: /needs `regions` in policies\/network/,
  },
  {
    name: 'different countries without a database',
    text: 'severity: low, match: { outcomes: answered }, distinct: ▸countries, count: 2, per: caller',
    says: /needs|is known with `regions`/,
  },
  {
    name: 'different people of whom it is not said who they are',
    text: 'severity: low, match: { classes: banking }, distinct: ▸subjects, count: 2',
    says: /known with `audit.subjects`/,
  },
  {
    name: 'a severity of nothing',
    text: 'severity: ▸urgent, match: { denied: "*" }',
    says: /must be informational, low/,
  },
  {
    name: 'a key of nothing',
    text: 'severity: low, match: { ▸reason: identify/* }',
    says: /unknown key "reason" \(did you mean "reasons"\?\)/,
  },
  { name: 'everything', text: 'severity: low, match: ▸{}', says: /must not be empty/ },
  { name: 'no match', text: 'severity: low', says: /"match" is required/ },
  {
    name: 'records of what is refused',
    text: 'severity: low, match: { reasons: identify/* }, counts: ▸records, count: 5',
    says: /needs `classes` or `coordinates`/,
  },
  {
    name: 'refused values that left',
    text: 'severity: low, match: ▸{ reasons: authorize/*, classes: banking }',
    says: /nothing leaves with a refusal/,
  },
  {
    name: 'two things counted',
    text: 'severity: low, match: { classes: banking }, counts: records, distinct: ▸subjects, count: 5',
    says: /name one/,
  },
  {
    name: 'different coordinates of nothing refused',
    text: 'severity: low, match: { outcomes: refused }, distinct: ▸coordinates, count: 5',
    says: /needs `denied` or `deniedClasses`/,
  },
  {
    name: 'too many different values',
    text: 'severity: low, match: { denied: "*" }, distinct: coordinates, count: ▸1001',
    says: /at most 1000 where something has to be distinct/,
  },
  {
    name: 'one different value',
    text: 'severity: low, match: { denied: "*" }, distinct: coordinates, count: ▸1',
    says: /at least 2/,
  },
  {
    name: 'a window of no unit',
    text: 'severity: low, match: { denied: "*" }, window: ▸60',
    says: /must be a duration from 1s to 1d/,
  },
  {
    name: 'a window of a year',
    text: 'severity: low, match: { denied: "*" }, window: ▸365d',
    says: /must be a duration from 1s to 1d/,
  },
  {
    name: 'by whom of nothing',
    text: 'severity: low, match: { denied: "*" }, per: ▸subject',
    says: /must be address, caller/,
  },
];

const file = 'policies/detect/all.yaml';

/** JSON-like YAML in flow form, one key a line. */
const toYaml = (text: string): string =>
  `version: 1\ndetections:\n  - name: one\n    ${text.replaceAll(/, (?=(?:match|per|counts|distinct|count|window|quiet):)/g, '\n    ')}\n`;

test.each(rows)('$name', async ({ text, says }) => {
  const marked = toYaml(text);
  const { places } = readMarks(marked);
  const { code, stderr } = await runCommand(['check'], { ...people, [file]: marked });
  const [place] = places;
  // What is missing stands nowhere: it is said where its detection begins.
  const { line, column } = place ?? { line: 3, column: 5 };
  expect(stderr).toContain(`${file}:${line}:${column}: `);
  expect(stderr).toMatch(says);
  expect(code).toBe(2);
});

test('two of one name, in two files', async () => {
  const one = 'version: 1\ndetections: [{ name: a, severity: low, match: { denied: "*" } }]\n';
  const files = { ...people, [file]: one, 'policies/detect/b.yaml': one };
  const { code, stderr } = await runCommand(['check'], files);
  expect(stderr).toMatch(/b\.yaml:2:22: the name "a" is taken by .*all\.yaml:2/);
  expect(code).toBe(2);
});

test('fifty of them, and no more', async () => {
  const list = (count: number) =>
    `version: 1\ndetections:\n${Array.from({ length: count }, (_, at) => `  - { name: d${at}, severity: low, match: { denied: "*" } }\n`).join('')}`;
  const few = await runCommand(['check'], { ...people, [file]: list(50) });
  expect(few.code).toBe(0);
  const many = await runCommand(['check'], {
    ...people,
    [file]: list(30),
    'policies/detect/b.yaml': list(30).replaceAll('name: d', 'name: e'),
  });
  expect(many.stderr).toMatch(/more than 50 detections in all/);
  expect(many.code).toBe(2);
});

test('what is right: every key, and an interface stands for its types', async () => {
  const text = `version: 1
detections:
  - name: everything
    title: All that may be said
    severity: fatal
    match:
      outcomes: [answered, refused, failed, abandoned]
      statuses: [200, 4xx]
      operations: [query, mutation]
      denied: ["*", "Thing.label", "Query.people(tag:)"]
      deniedClasses: banking
      classes: [banking]
      coordinates: [Person.iban]
      clients: portal
      issuers: https://idp.example.com
      upstreams: [people, pay]
    per: [caller, address]
    counts: records
    count: 10
    window: 1h
    quiet: 1d
`;
  const { code, stderr } = await runCommand(['check'], { ...people, [file]: text });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

describe('alerts in gateway.yaml', () => {
  const key = `whsec_${'A'.repeat(32)}`;
  const gateway = (webhook: string) => ({
    ...people,
    'gateway.yaml': `${people['gateway.yaml']}alerts:\n  webhooks:\n    - { ${webhook} }\n`,
  });
  const wrong = [
    ['a URL without TLS', `url: "▸http://hooks.example.com/a", format: standard, secret: ${key}`],
    [
      'an address of a private network',
      `url: "▸https://10.0.0.1/a", format: standard, secret: ${key}`,
    ],
    [
      'cloud metadata',
      `url: "▸https://169.254.169.254/a", privateNetwork: true, format: standard, secret: ${key}`,
    ],
    [
      'a URL with a password',
      `url: "▸https://a:b@hooks.example.com/", format: standard, secret: ${key}`,
    ],
    ['no key', 'url: "https://hooks.example.com/", ▸format: standard'],
    [
      'a key of another form',
      'url: "https://hooks.example.com/", format: standard, secret: ▸hunter2',
    ],
    ['no routing key', 'url: "https://events.example.com/", format: pagerduty, secret: ▸abc'],
    ['a secret of Slack', `url: "https://hooks.example.com/", format: slack, ▸secret: ${key}`],
    ['a form of nothing', 'url: "https://hooks.example.com/", format: ▸teams'],
    [
      'a severity of nothing',
      `url: "https://hooks.example.com/", format: slack, minSeverity: ▸urgent`,
    ],
    [
      'more than may be named',
      `url: "https://hooks.example.com/", format: slack, include: [▸subjects]`,
    ],
  ] as const;

  test.each(wrong)('%s', async (_name, webhook) => {
    const files = gateway(webhook);
    const [place] = readMarks(files['gateway.yaml']).places;
    const { code, stderr } = await runCommand(['check'], files);
    expect(code).toBe(2);
    expect(stderr).toContain(`gateway.yaml:${place?.line}:`);
    // A secret is not quoted.
    expect(stderr).not.toMatch(/hunter2|a:b@/);
  });

  test('one name for two', async () => {
    const one = `{ name: soc, url: "https://hooks.example.com/", format: slack }`;
    const text = `${people['gateway.yaml']}alerts: { webhooks: [${one}, ${one}] }\n`;
    const { stderr } = await runCommand(['check'], { ...people, 'gateway.yaml': text });
    expect(stderr).toMatch(/the name "soc" is taken/);
  });

  test('what is right', async () => {
    const { code, stderr } = await runCommand(
      ['check'],
      gateway(
        `name: soc, url: "https://hooks.example.com/", format: standard, secret: ${key}, minSeverity: high, include: [caller, address], privateNetwork: true`,
      ),
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});
