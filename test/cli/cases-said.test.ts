/** `test`: what it prints, for people and for scripts, and that no cases are no success. */
import { describe, expect, test } from 'vitest';
import { callers, toYaml, withCases } from './cases-rig.ts';
import { people, runCommand } from './run-command.ts';

const { reader, masked } = callers;

describe('what is said', () => {
  const text = `version: 1
cases:
  - name: a reader sees no bank account
    as: { scopes: [people:read] }
    query: "{ people { id fullName iban } }"
    expect: { Person.id: allow, Person.iban: allow }
  - name: payroll does
    as: { scopes: [people:read, pay:read] }
    query: |
      {
        people { iban }
      }
    expect:
      Person.iban: allow
`;

  test('for people: a line for each problem with its place, then the count', async () => {
    const { code, stdout, stderr, directory } = await runCommand(['test'], withCases(text));
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const file = `${directory}/policies/access/people.cases.yaml`;
    const rules = `${directory}/policies/access/people.yaml`;
    const name = 'a reader sees no bank account';
    expect(stdout.trimEnd().split('\n')).toEqual([
      `${file}:6:33: ${name}: Person.iban: expected allow, found deny: missing scopes pay:read (banking, ${rules}:15)`,
      `${file}:6:5: ${name}: Person.fullName: expected deny, for it is not named, found allow: by directory (${rules}:3)`,
      '1 case passed, 1 failed',
    ]);
  });

  test('a note where a caller has a name that no rule names, and nearly does', async () => {
    const given = [
      { as: { scopes: ['people:read', 'pay:raed'] }, query: '{ people { id iban } }' },
      { as: { scopes: ['people:read', 'other'] }, query: '{ people { id iban } }' },
    ].map((one) => ({ ...one, expect: { 'Person.id': 'allow', 'Person.iban': 'deny' } }));
    const files = withCases(toYaml(given));
    const { code, stdout, directory } = await runCommand(['test'], files);
    const message = 'no rule names the scope "pay:raed" (did you mean "pay:read"?)';
    expect({ code, lines: stdout.trimEnd().split('\n') }).toEqual({
      code: 0,
      lines: [
        `${directory}/policies/access/people.cases.yaml:8:6: case 0: note: ${message}`,
        '2 cases passed, 0 failed',
      ],
    });
    const json = JSON.parse((await runCommand(['test', '--json'], files)).stdout);
    expect(json.cases.map(({ notes }: { notes: unknown }) => notes)).toEqual([
      [{ message, line: 8, column: 6 }],
      undefined,
    ]);
  });

  test('for scripts: every case, with its problems', async () => {
    const { code, stdout, directory } = await runCommand(['test', '--json'], withCases(text));
    const file = `${directory}/policies/access/people.cases.yaml`;
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      cases: [
        {
          name: 'a reader sees no bank account',
          file,
          line: 3,
          ok: false,
          problems: [
            {
              coordinate: 'Person.iban',
              expected: 'allow',
              found: 'deny',
              line: 6,
              column: 33,
              missing: [{ needs: 'allow', rule: { name: 'banking', line: 15 } }],
            },
            { coordinate: 'Person.fullName', rule: { name: 'directory', line: 3 } },
          ],
        },
        { name: 'payroll does', file, line: 7, ok: true, problems: [] },
      ],
    });
  });

  test('why an operation is refused as a whole', async () => {
    const one = { as: reader, query: '{ people { id bossId } }', expect: { 'Person.id': 'allow' } };
    const { stdout } = await runCommand(['test'], withCases(toYaml([one])));
    expect(stdout).toContain(
      'the operation is refused (limits/invalid: Cannot query field "bossId" on type "Person".)',
    );
  });

  test.each([
    {
      how: 'in the query',
      query: 'mutation { rename(personId: "7", input: { bossId: "9" }) { id } }',
    },
    {
      how: 'in a variable',
      query: 'mutation ($i: PersonUpdateInput!) { rename(personId: "7", input: $i) { id } }',
      variables: { i: { bossId: '9' } },
    },
  ])('which input, $how, its caller does not see', async ({ how: _how, ...one }) => {
    const given = { as: callers.editor, ...one, expect: { 'Person.id': 'allow' } };
    const { stdout } = await runCommand(['test'], withCases(toYaml([given])));
    expect(stdout).toContain(' Hidden from this caller: PersonUpdateInput.bossId)');
  });

  const whole = '{ people { salary iban } }';
  const whys = [
    {
      name: 'what it stands in is refused',
      as: { scopes: ['pay:read'] },
      expect: { 'Person.salary': 'allow' },
      says: ': Person.salary: expected allow, found deny: Query.people is refused: missing scopes people:read (directory, ',
    },
    {
      name: 'a mask',
      as: masked,
      expect: { 'Person.iban': 'allow' },
      says: ': Person.iban: expected allow, found mask last4: by banking (',
    },
    {
      name: 'what is on the way',
      as: { scopes: [] },
      expect: { 'Person.salary': 'allow' },
      says: ': Query.people: expected allow, on the way to Person.salary, found deny: missing scopes people:read (directory, ',
    },
    {
      name: 'a field that no rule lists',
      as: reader,
      query: '{ people { bossId } }',
      expect: { 'Person.bossId': 'allow' },
      says: '; no rule allows it\n',
    },
  ];
  test.each(whys)('why: $name', async ({ as, query = whole, expect: expected, says }) => {
    const { stdout } = await runCommand(
      ['test'],
      withCases(toYaml([{ as, query, expect: expected }])),
    );
    expect(stdout).toContain(says);
  });

  test('a name holds no line breaks of its own', async () => {
    const one = { name: 'a\nb', as: reader, query: '{ people { id } }', expect: {} };
    const { stdout } = await runCommand(['test'], withCases(toYaml([one])));
    expect(stdout).toContain(': a?b: Query.people:');
  });

  test.each([
    { name: 'no file', files: people },
    { name: 'an empty one', files: withCases('cases: []\n') },
  ])('no cases are no success: $name', async ({ files }) => {
    const ran = await runCommand(['test'], files);
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 1, stderr: '' });
    expect(ran.stdout).toMatch(/^there are no cases: .*policies has one\n$/);
    const { code, stdout } = await runCommand(['test', '--json'], files);
    expect({ code, said: JSON.parse(stdout) }).toEqual({ code: 1, said: { ok: false, cases: [] } });
  });

  test('cases beside the policies of every folder', async () => {
    const one = (name: string) =>
      toYaml([{ name, as: reader, query: '{ people { id } }', expect: { 'Person.id': 'allow' } }]);
    const files = {
      ...people,
      'policies/access/b.cases.yml': one('b'),
      'policies/access/a.cases.yaml': one('a'),
      'policies/rates/r.cases.yaml': one('r'),
      'policies/limits/l.cases.yaml': one('l'),
      'policies/network/n.cases.yaml': one('n'),
    };
    const { code, stdout } = await runCommand(['test', '--json'], files);
    const names = JSON.parse(stdout).cases.map((found: { name: string }) => found.name);
    expect({ code, names }).toEqual({ code: 0, names: ['a', 'b', 'l', 'r', 'n'] });
  });
});
