/** Rules that look at arguments and objects, as the commands tell of them: never as a sure thing. */
import { describe, expect, it, test } from 'vitest';
import { judged } from './cases-rig.ts';
import { compared, withMore } from './diff-rig.ts';
import { access, matrixOf } from './matrix-rig.ts';
import { type Files, peopleWith, runCommand } from './run-command.ts';

const own = 'object.id == claims.person';
/** Their own account, and small pages. */
const files: Files = peopleWith({
  [access]: (text) =>
    text
      .replace('[id, fullName, boss, friends]', '[id, fullName, friends]')
      .replace(
        'allow: { any: [{ scopes: [pay:read] }, { claims: { team: [hr, 7] } }] }',
        `allow: { any: [{ scopes: [pay:read] }, { when: ${own} }] }`,
      )
      .replace(
        '  - name: tags',
        `  - { name: small, fields: { Query: [people] }, require: { when: args.limit <= 10 } }
  - { name: boss, fields: { Person: [boss] }, class: chain, allow: { all: [{ roles: [boss] }, { when: ${own} }] } }
  - name: tags`,
      ),
});
const as = { scopes: ['people:read'], claims: { tenant: 't', person: '1' } };

describe('explain', () => {
  const ask = async (query: string, who: object = as) => {
    const args = ['explain', '--json', '--as', JSON.stringify(who), '--query', query];
    const { code, stdout } = await runCommand(args, files);
    return { code, said: JSON.parse(stdout) };
  };

  it('says that the object decides, by which expression, and what is fetched for it', async () => {
    const { code, said } = await ask('{ person(personId: "1") { salary } }');
    expect(code).toBe(1);
    expect(said.outcome).toBe('runs');
    expect(said.coordinates).toMatchObject([
      { coordinate: 'Query.person', verdict: 'allow' },
      {
        coordinate: 'Person.salary',
        verdict: 'depends',
        missing: [
          {
            needs: 'allow',
            condition: `(scopes pay:read) or (when ${own})`,
            rule: { name: 'salaries' },
          },
        ],
      },
    ]);
    expect(said.upstreams.map(({ upstream }: { upstream: string }) => upstream)).toContain('pay');
    const text = await runCommand(
      ['explain', '--as', JSON.stringify(as), '--query', '{ person(personId: "1") { salary } }'],
      files,
    );
    expect(text.stdout).toMatch(/Person\.salary +depends +- +.*when object\.id == claims\.person/);
  });

  it('decides arguments, and says where uses differ', async () => {
    const small = await ask('{ people(limit: 5) { id } }');
    expect(small.said.coordinates[0]).toMatchObject({ verdict: 'allow' });
    expect(small.code).toBe(0);
    const large = await ask('{ people(limit: 50) { id } }');
    expect(large.said.coordinates[0]).toMatchObject({
      verdict: 'deny',
      missing: [{ needs: 'require', condition: 'when args.limit <= 10' }],
    });
    const both = await ask('{ a: people(limit: 5) { id } b: people(limit: 50) { id } }');
    expect(both.said.coordinates[0]).toMatchObject({ verdict: 'depends' });
    const other = await ask('{ a: people(limit: 50) { id } b: people(limit: 5) { id } }');
    expect(other.said.coordinates[0]).toMatchObject({ verdict: 'depends' });
  });

  it('refuses what no object could grant', async () => {
    const claimless = await ask('{ person(personId: "1") { salary } }', {
      scopes: ['people:read'],
      claims: { tenant: 't' },
    });
    expect(claimless.said.coordinates[1]).toMatchObject({ verdict: 'deny' });
    expect(JSON.stringify(claimless.said)).not.toContain('peopleById');
    const { said } = await ask('{ person(personId: "1") { boss { id } } }');
    expect(said.coordinates[1]).toMatchObject({ coordinate: 'Person.boss', verdict: 'deny' });
    const boss = await ask('{ person(personId: "1") { boss { id } } }', { ...as, roles: ['boss'] });
    expect(boss.said.coordinates[1]).toMatchObject({ verdict: 'depends' });
  });
});

describe('test', () => {
  const query = '{ person(personId: "1") { id salary } }';
  const ids = { 'Query.person': 'allow', 'Person.id': 'allow' };
  test.each([
    { expected: 'allow', lines: ['Person.salary: allow, depends'] },
    { expected: 'deny', lines: ['Person.salary: deny, depends'] },
    { expected: 'depends', lines: [] },
  ])('$expected of what hangs on the object', async ({ expected, lines }) => {
    const found = await judged({ as, query, expect: { ...ids, 'Person.salary': expected } }, files);
    expect(found.lines.map((line) => line.split(';')[0]?.split(' by ')[0])).toEqual(lines);
    expect(found.code).toBe(lines.length === 0 ? 0 : 1);
  });

  it('takes what stands below it for no sure thing either', async () => {
    const boss = { ...as, roles: ['boss'] };
    const below = '{ person(personId: "1") { boss { fullName } } }';
    const given = { as: boss, query: below, expect: { 'Person.fullName': 'allow' } };
    const found = await judged(given, files);
    expect(found.code).toBe(1);
    const depends = {
      'Query.person': 'allow',
      'Person.boss': 'depends',
      'Person.fullName': 'depends',
    };
    expect((await judged({ ...given, expect: depends }, files)).lines).toEqual([]);
  });

  it('knows arguments', async () => {
    const page = (limit: number, verdict: string) =>
      judged(
        {
          as,
          query: `{ people(limit: ${limit}) { id } }`,
          expect: { 'Query.people': verdict, ...(verdict === 'allow' && { 'Person.id': 'allow' }) },
        },
        files,
      );
    expect((await page(10, 'allow')).code).toBe(0);
    expect((await page(11, 'deny')).code).toBe(0);
    expect((await page(11, 'allow')).code).toBe(1);
  });
});

describe('matrix', () => {
  it('says that objects decide, and for whom they cannot', async () => {
    const matrix = await matrixOf(files, [
      '--all',
      '--as',
      JSON.stringify([as, { ...as, roles: ['boss'] }]),
    ]);
    const said = (coordinate: string) =>
      matrix.rows.find((one) => one.coordinate === coordinate)?.cells.map(({ verdict }) => verdict);
    expect(said('Person.salary')).toEqual(['depends', 'depends']);
    expect(said('Person.boss')).toEqual(['deny', 'depends']);
    expect(said('Query.people')).toEqual(['depends', 'depends']);
    expect(said('Person.id')).toEqual(['allow', 'allow']);
    const { stdout } = await runCommand(['matrix', '--all', '--as', JSON.stringify(as)], files);
    expect(stdout).toMatch(/if \w +where .*when object\.id == claims\.person/);
  });

  it('has callers of its own for rules that only objects decide', async () => {
    const { rows } = await matrixOf(files);
    expect(rows.map(({ coordinate }) => coordinate)).toContain('Person.boss');
  });

  it('takes its own callers for ones who may have the claim, and those of --as at their word', async () => {
    const own = await matrixOf(files);
    const verdicts = ({ rows }: typeof own) =>
      rows
        .find(({ coordinate }) => coordinate === 'Person.boss')
        ?.cells.map(({ verdict }) => verdict);
    expect(verdicts(own)).toContain('depends');
    const boss = { scopes: ['people:read'], roles: ['boss'] };
    expect(verdicts(await matrixOf(files, ['--as', JSON.stringify(boss)]))).toEqual(['deny']);
  });
});

describe('diff', () => {
  const rule = (when: string) =>
    withMore(`{ name: more, fields: { Account: [iban] }, allow: { when: ${when} } }`);
  const none = withMore(
    '{ name: more, fields: { Account: [iban] }, require: { scopes: [pay:read] } }',
  );

  it('counts an expression that is new, or another one, as wider', async () => {
    const added = await compared(none, rule('object.iban == claims.iban'));
    expect(added.lines.join('\n')).toContain('widens Account.iban: ');
    const other = await compared(
      rule('object.iban == claims.iban'),
      rule('object.iban != claims.iban'),
    );
    expect(other.code).toBe(1);
    expect(other.lines.join('\n')).toContain('when object.iban != claims.iban');
    const same = await compared(
      rule('object.iban == claims.iban'),
      rule('object.iban == claims.iban'),
    );
    expect(same.lines).toEqual([]);
  });

  it('counts one more that is required as narrower', async () => {
    const required = withMore(
      '{ name: more, fields: { Account: [iban] }, require: { when: object.iban == claims.iban } }',
    );
    const found = await compared(peopleWith({}), required);
    expect(found.code).toBe(0);
    expect(found.lines.join('\n')).toContain('narrows Account.iban');
  });
});

describe('diff, of rows that are dropped', () => {
  const apart = (otherwise: string) =>
    withMore(
      `{ name: apart, types: [Account], require: { when: object.iban == claims.iban }${otherwise} }`,
    );
  const drop = ', otherwise: [drop]';

  it('counts as wider that a refusal tells of them', async () => {
    const { code, lines } = await compared(apart(drop), apart(''));
    expect(code).toBe(1);
    expect(lines.join('\n')).toMatch(/^widens Account\.iban: dropped.*, now deny.* for /m);
  });

  it('counts as narrower that nothing tells of them any more', async () => {
    const { lines } = await compared(apart(''), apart(drop));
    expect(lines.join('\n')).toMatch(/^narrows Account\.iban: deny.*, now dropped.* for /m);
    // What means them as a filter is refused, as before.
    expect(lines.join('\n')).not.toMatch(/Filter|Order/);
    expect((await compared(apart(drop), apart(drop))).lines).toEqual([]);
  });
});

describe('check', () => {
  it('lists what is looked at', async () => {
    const { stdout, code } = await runCommand(['check'], files);
    expect(code).toBe(0);
    expect(stdout).toContain('looked-at    Person.id');
  });

  it('names file, line and column of what does not fit', async () => {
    const wrong = peopleWith({
      [access]: (text) =>
        text.replace('allow: { scopes: [pay:read] }', 'allow: { when: object.nr == "1" }'),
    });
    const { code, stderr, stdout } = await runCommand(['check'], wrong);
    expect(code).toBe(2);
    expect(stdout + stderr).toMatch(/people\.yaml:\d+:\d+.*has no field nr/);
  });
});
