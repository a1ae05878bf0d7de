/** What the commands say of rules in shadow mode: the truth of today, and what will be. */
import { describe, expect, it } from 'vitest';
import { writeFiles } from '../support/config-files.ts';
import { dayFromNow } from '../support/days.ts';
import { type Files, people, runCommand } from './run-command.ts';

const soon = `shadow: { until: ${dayFromNow(3)} }`;
const later = `shadow: { until: ${dayFromNow(100)} }`;
const over = `shadow: { until: ${dayFromNow(-1)} }`;

const ruleOf = (text: string, shadow?: string): string =>
  `version: 1\nrules:\n  - { ${[text, shadow].filter(Boolean).join(', ')} }\n`;
/** In force where there is no shadow. */
const stay = (shadow?: string): string =>
  ruleOf('name: stay, fields: { Person: [fullName] }, require: { roles: [clerk] }', shadow);
const give = (shadow?: string): string =>
  ruleOf('name: give, fields: { Person: [iban] }, allow: { scopes: [people:read] }', shadow);
const rate = (more: string): string =>
  `version: 1\nrates: [{ name: few, per: caller, limit: 5, window: 1m${more} }]\n`;
const limits = (depth: string): string => `version: 1\nlimits: { depth: ${depth} }\n`;
const network = (entry: string): string =>
  `version: 1\nlists: { bad: { file: bad.txt } }\ndeny: [${entry}]\n`;

const withFiles = (files: Files): Files => ({
  ...people,
  'policies/network/bad.txt': '192.0.2.0/24\n',
  ...files,
});
const access = (text: string): Files => withFiles({ 'policies/access/shadow.yaml': text });
const limited = (depth: string): Files => withFiles({ 'policies/limits/a.yaml': limits(depth) });

const asked = '{ people { id fullName iban } }';
const questionOf = (query: string) => ['--as', '{"scope":"people:read"}', '--query', query];

/** What `explain` says of a query of a caller who may read people. */
async function explain(files: Files, query = asked) {
  const { code, stdout } = await runCommand(['explain', ...questionOf(query), '--json'], files);
  const said = JSON.parse(stdout);
  const verdicts = Object.fromEntries(
    said.coordinates?.map((one: Record<string, unknown>) => [one.coordinate, one.verdict]) ?? [],
  );
  return { code, said, verdicts };
}

async function diff(base: Files, now: Files) {
  const folder = await writeFiles(base);
  const { code, stdout } = await runCommand(['diff', folder], now);
  return { code, lines: stdout.split('\n').filter((line) => /^(widens|narrows)/.test(line)) };
}

describe('check', () => {
  it('tells of each, which ends soon and which is over', async () => {
    const files = withFiles({
      'policies/access/shadow.yaml': stay(soon),
      'policies/access/give.yaml': give(over),
      'policies/rates/a.yaml': rate(`, ${later}`),
      'policies/limits/a.yaml': limits(`{ limit: 3, ${later} }`),
      'policies/network/a.yaml': network(`{ list: bad, ${later} }`),
    });
    const { code, stdout } = await runCommand(['check', '--json'], files);
    expect(code).toBe(0);
    const { shadows, dead } = JSON.parse(stdout);
    expect(
      shadows.map(({ rule, state, grants }: Record<string, unknown>) => [rule, state, grants]),
    ).toEqual([
      ['give', 'over', true],
      ['stay', 'ends-soon', false],
      ['few', 'running', false],
      ['limits.depth', 'running', false],
      ['network.deny bad', 'running', false],
    ]);
    expect(dead).toEqual([]);
    const text = (await runCommand(['check'], files)).stdout;
    expect(text).toMatch(/shadow-ends +access stay \(.*shadow\.yaml:3\): in shadow mode until/);
    expect(text).toMatch(/shadow-over +access give .* grants nothing/);
    expect(text).toContain('5 in shadow mode');
  });
});

describe('explain', () => {
  it('tells what is, and beside it what would be', async () => {
    const files = withFiles({
      'policies/access/shadow.yaml': stay(soon),
      'policies/access/give.yaml': give(soon),
      'policies/rates/a.yaml': rate(`, ${soon}`),
      'policies/limits/a.yaml': limits(`{ limit: 1, ${soon} }`),
    });
    const { code, said, verdicts } = await explain(files);
    expect(code).toBe(1);
    expect(verdicts).toMatchObject({ 'Person.fullName': 'allow', 'Person.iban': 'deny' });
    expect(said.shadows).toEqual([
      { kind: 'limit', rule: 'limits.depth', effect: 'refuse', coordinates: [] },
      { kind: 'access', rule: 'give', effect: 'grant', coordinates: ['Person.iban'] },
      { kind: 'access', rule: 'stay', effect: 'refuse', coordinates: ['Person.fullName'] },
    ]);
    expect(said.charges).toEqual([{ rate: 'few', amount: 1, limit: 5, inShadow: true }]);
    const text = (await runCommand(['explain', ...questionOf(asked)], files)).stdout;
    expect(text).toContain('in shadow mode: access stay would refuse Person.fullName');
  });

  it('a rate in shadow mode that the operation alone passes', async () => {
    const files = withFiles({
      'policies/rates/a.yaml': `version: 1\nrates: [{ name: twice, fields: { Query: [people] }, per: caller, limit: 2, window: 1m, ${soon} }]\n`,
    });
    const query = '{ a: people { id } b: people { id } c: people { id } }';
    const { said } = await explain(files, query);
    expect(said.outcome).toBe('runs');
    expect(said.shadows).toEqual([
      { kind: 'rate', rule: 'twice', effect: 'refuse', coordinates: ['Query.people'] },
    ]);
  });

  it('tells of a grant of what does not exist for the caller', async () => {
    const hidden =
      'version: 1\nrules:\n  - { name: a, fields: { Person: [iban] }, allow: { scopes: [x] }, otherwise: [hide] }\n';
    const files = {
      ...withFiles({
        'policies/access/shadow.yaml': hidden,
        'policies/access/give.yaml': give(soon),
      }),
      'policies/access/people.yaml': (people['policies/access/people.yaml'] ?? '').replace(
        'fields: { Person: [iban], Account: [iban] }',
        'fields: { Account: [iban] }',
      ),
    };
    expect((await explain(files)).said).toMatchObject({
      outcome: 'refused',
      reason: 'limits/invalid',
      shadows: [{ kind: 'access', rule: 'give', effect: 'grant', coordinates: ['Person.iban'] }],
    });
  });

  it('is of today: what is over is in force, and what grants is not', async () => {
    const files = withFiles({
      'policies/access/shadow.yaml': stay(over),
      'policies/access/give.yaml': give(over),
      'policies/limits/a.yaml': limits(`{ limit: 3, ${over} }`),
    });
    const { verdicts } = await explain(files);
    expect(verdicts).toMatchObject({ 'Person.fullName': 'deny', 'Person.iban': 'deny' });
  });
});

describe('test and matrix', () => {
  const cases = (verdict: string): Files => ({
    ...access(stay(verdict === 'allow' ? soon : over)),
    'policies/access/people.cases.yaml': `version: 1\ncases:\n  - { name: a, as: { scopes: [people:read] }, query: "{ people { fullName } }", expect: { Query.people: allow, Person.fullName: ${verdict} } }\n`,
  });

  it.each(['allow', 'deny'])('a case that expects %s passes', async (verdict) => {
    const { code, stdout } = await runCommand(['test'], cases(verdict));
    expect(stdout).toContain('1 case passed');
    expect(code).toBe(0);
  });

  it('the matrix is that of the policy without it', async () => {
    const plain = await runCommand(['matrix', '--all', '--json'], withFiles({}));
    const shadowed = await runCommand(
      ['matrix', '--all', '--json'],
      access(
        give(soon).replace(
          '{ scopes: [people:read] }',
          '{ all: [{ scopes: [people:read] }, { hours: { days: [mon], from: "08:00", to: "09:00", zone: UTC } }] }',
        ),
      ),
    );
    const told = ({ stdout, directory }: typeof plain) => {
      const { policyDigest: _, ...rest } = JSON.parse(stdout.replaceAll(directory, ''));
      return rest;
    };
    expect(told(shadowed)).toEqual(told(plain));
  });
});

describe('diff', () => {
  const rows: { name: string; base: Files; files: Files; code: number; line: RegExp }[] = [
    {
      name: 'a requirement that is put in shadow mode',
      base: access(stay()),
      files: access(stay(soon)),
      code: 1,
      line: /^widens +Person\.fullName/,
    },
    {
      name: 'a requirement whose shadow mode is taken out',
      base: access(stay(soon)),
      files: access(stay()),
      code: 0,
      line: /^narrows +Person\.fullName/,
    },
    {
      name: 'a grant in shadow mode is none',
      base: people,
      files: access(give(soon)),
      code: 0,
      line: /^$/,
    },
    {
      name: 'a grant whose shadow mode is taken out',
      base: access(give(soon)),
      files: access(give()),
      code: 1,
      line: /^widens +Person\.iban/,
    },
    {
      name: 'a shadow that ends later',
      base: access(stay(soon)),
      files: access(stay(later)),
      code: 1,
      line: /^widens +shadow of access stay: in force after/,
    },
    {
      name: 'a shadow that is gone',
      base: access(stay(soon)),
      files: people,
      code: 1,
      line: /^widens +shadow of access stay: in force after .*, now nothing/,
    },
    {
      name: 'a shadow that begins',
      base: people,
      files: access(stay(soon)),
      code: 0,
      line: /^narrows +shadow of access stay: nothing, now in force after/,
    },
    {
      name: 'a rate that is put in shadow mode',
      base: withFiles({ 'policies/rates/a.yaml': rate('') }),
      files: withFiles({ 'policies/rates/a.yaml': rate(`, ${soon}`) }),
      code: 1,
      line: /^widens +rates\.few: .*, now nothing/,
    },
    {
      name: 'a limit that is put in shadow mode',
      base: limited('3'),
      files: limited(`{ limit: 3, ${soon} }`),
      code: 1,
      line: /^widens +limits\.depth: 3, now 10/,
    },
    {
      name: 'a list that is put in shadow mode',
      base: withFiles({ 'policies/network/a.yaml': network('bad') }),
      files: withFiles({ 'policies/network/a.yaml': network(`{ list: bad, ${soon} }`) }),
      code: 1,
      line: /^widens +network\.deny: bad, now nothing/,
    },
    {
      name: 'a looser limit in shadow mode',
      base: limited(`{ limit: 3, ${soon} }`),
      files: limited(`{ limit: 4, ${soon} }`),
      code: 1,
      line: /^widens +shadow of limit limits\.depth: 3, now 4/,
    },
  ];

  it.each(rows)('$name', async ({ base, files, code, line }) => {
    const said = await diff(base, files);
    expect(said.lines.join('\n')).toMatch(new RegExp(line.source, 'm'));
    if (line.source === '^$') expect(said.lines).toEqual([]);
    expect(said.code).toBe(code);
  });
});

describe('refuses to load', () => {
  const rows: [string, Files, RegExp][] = [
    [
      'a day that there is not',
      access(stay('shadow: { until: 2026-02-30 }')),
      /shadow\.yaml:3:\d+: must be a day that there is/,
    ],
    [
      'a moment',
      access(stay('shadow: { until: "2026-12-31T00:00:00Z" }')),
      /shadow\.yaml:3:\d+: must be a day that there is/,
    ],
    [
      'no end',
      access(stay('shadow: true')),
      /shadow\.yaml:3:\d+: must be a map with the last day of shadow mode: \{ until: /,
    ],
    ['nothing', access(stay('shadow: ')), /shadow\.yaml:3:\d+: must be a map/],
    [
      'another spelling',
      access(stay(soon.replace('shadow', 'Shadow'))),
      /shadow\.yaml:3:\d+: unknown key "Shadow"/,
    ],
    [
      'it twice',
      access(stay(`${soon}, ${later}`)),
      /shadow\.yaml:3:\d+: this key stands here twice/,
    ],
    [
      'a year that Date takes for another',
      access(stay('shadow: { until: 0026-12-31 }')),
      /shadow\.yaml:3:\d+: must be a day that there is/,
    ],
    [
      'a number',
      access(stay('shadow: { until: 20261231 }')),
      /shadow\.yaml:3:\d+: must be a day that there is/,
    ],
    [
      'digits that are none of ASCII',
      access(stay('shadow: { until: "２０２６-12-31" }')),
      /shadow\.yaml:3:\d+: must be a day that there is/,
    ],
    [
      'more than a year',
      access(stay(`shadow: { until: ${dayFromNow(400)} }`)),
      /shadow\.yaml:3:\d+: "until" must be at most 366 days/,
    ],
    [
      'what is classified',
      access(stay(soon).replace('fullName', 'fullName, iban')),
      /shadow\.yaml:3:\d+: rule stay: Person\.iban has the class banking/,
    ],
    [
      'what is classified, by its type',
      access(stay(soon).replace('fields: { Person: [fullName] }', 'types: [Account]')),
      /Account\.iban has the class banking/,
    ],
    [
      'a filter on what is classified',
      access(stay(soon).replace('{ Person: [fullName] }', '{ AccountFilter: [IBAN_startsWith] }')),
      /AccountFilter\.IBAN_startsWith has the class banking/,
    ],
    [
      'what no rule grants, and would be in the schema when its day is over',
      access(stay(soon).replace('fullName', 'fullName, bossId')),
      /shadow\.yaml:3:\d+: rule stay: Person\.bossId is in no schema/,
    ],
    [
      'what a mutation could not be given yet',
      access(stay(soon).replace('{ Person: [fullName] }', '{ PersonUpdateInput: [bossId] }')),
      /PersonUpdateInput\.bossId is in no schema/,
    ],
    [
      'what its grant hides from those without it, and would no more',
      {
        ...access(stay(soon)),
        'policies/access/people.yaml':
          'version: 1\nrules:\n  - { name: a, fields: { Query: [people], Person: [id] }, allow: authenticated }\n  - { name: b, fields: { Person: ["*"] }, allow: { scopes: [x] }, otherwise: [hide] }\n',
      },
      /Person\.fullName is not in the schema of those without its grant/,
    ],
    [
      'objects that would be fetched',
      access(stay(soon).replace('{ roles: [clerk] }', '{ when: object.id == claims.sub }')),
      /shadow\.yaml:3:\d+: a rule in shadow mode fetches nothing/,
    ],
    [
      'a class beside it',
      access(stay(soon).replace('require', 'class: x, require')),
      /put "class" into a rule that is in force/,
    ],
    [
      'an object beside it',
      access(stay(soon).replace('require', 'object: new, require')),
      /put "object" into a rule that is in force/,
    ],
    [
      'a name that another rule has',
      access(
        `${stay(soon)}${stay('forbid: true').split('\n')[2]?.replace('require: { roles: [clerk] }, ', '')}\n`,
      ),
      /the rule name "stay" is taken/,
    ],
    [
      'a limit that is no stricter',
      limited(`{ limit: 10, ${soon} }`),
      /a\.yaml:2:\d+: must be less than the 10 in force/,
    ],
    [
      'a limit of the process',
      withFiles({
        'policies/limits/a.yaml': `version: 1\nlimits: { timeoutMs: { limit: 3, ${soon} } }\n`,
      }),
      /a\.yaml:2:\d+:/,
    ],
    [
      'what does not fit when its time comes',
      access(
        `${stay(soon)}  - { name: two, fields: { Person: [nme] }, require: everyone, ${soon} }\n`,
      ),
      /the schema has no Person\.nme/,
    ],
    [
      'ends on too many days',
      access(
        `version: 1\nrules:\n${[1, 2, 3, 4, 5, 6].map((day) => `  - { name: r${day}, fields: { Person: [fullName] }, require: everyone, shadow: { until: ${dayFromNow(day)} } }\n`).join('')}`,
      ),
      /shadow\.yaml:8:\d+: shadow mode ends on at most 5 different days/,
    ],
  ];

  it.each(rows)('%s', async (_, files, message) => {
    const { code, stderr } = await runCommand(['check'], files);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});
