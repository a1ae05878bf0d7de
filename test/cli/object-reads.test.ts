/**
 * What the commands tell of writes that an object decides, over the demo's own configuration: what is
 * read before them, and that nobody is sure of them before it is.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { compared } from './diff-rig.ts';
import { type Files, runCommand } from './run-command.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const hr = 'policies/access/hr.yaml';

/** The demo, with another text of its rules. */
const demoWith = (change: (text: string) => string = (text) => text): Files => ({
  'gateway.yaml': read('gateway.yaml').replaceAll('subgraphs/', `${root}subgraphs/`),
  ...Object.fromEntries(
    readdirSync(join(root, 'policies/access')).flatMap((name) =>
      name.includes('cases') ? [] : [[`policies/access/${name}`, read(`policies/access/${name}`)]],
    ),
  ),
  [hr]: change(read(hr)),
});
const more = (rule: string) => demoWith((text) => `${text}\n  - ${rule}\n`);
const apart =
  '{ name: tenants-stay-apart, types: [Employee], require: { when: object.tenantId == claims.tenant_id }, otherwise: [drop] }';

const manager = {
  scope: 'hr:read',
  roles: ['manager'],
  employee_id: '1003',
  tenant_id: 'aurora',
};
const rename = 'mutation { updateEmployee(id: "1015", input: { jobTitle: "Lead" }) { id } }';
const asked = 'Query.employee(id: args.id)';

async function explain(who: object, query: string, files = demoWith()) {
  const args = ['explain', '--as', JSON.stringify(who), '--query', query];
  const { stdout } = await runCommand([...args, '--json'], files);
  const { code, stdout: text } = await runCommand(args, files);
  return { code, text, said: JSON.parse(stdout) };
}

describe('explain', () => {
  it('says what is read before, of which the write hangs, and shows both', async () => {
    const { code, said, text } = await explain(manager, rename);
    expect(code).toBe(1);
    expect(said).toMatchObject({
      outcome: 'runs',
      reads: [{ coordinate: 'Mutation.updateEmployee', read: asked }],
      upstreams: [
        { upstream: 'hris', request: 'GET /employees/1015' },
        { upstream: 'hris', request: 'PATCH /employees/1015', body: { jobTitle: 'Lead' } },
      ],
      failures: [],
    });
    const [first] = said.coordinates;
    expect(first).toMatchObject({ coordinate: 'Mutation.updateEmployee', verdict: 'depends' });
    expect(first.missing[0].condition).toContain(
      `when object.managerId == claims.employee_id of ${asked}`,
    );
    expect(text).toContain(
      `${asked} is read right before Mutation.updateEmployee, which is sent only where`,
    );
  });

  it('says it once, however often the field is there, and shows all that is sent', async () => {
    const change = (key: string, id: string) =>
      `${key}: updateEmployee(id: "${id}", input: { jobTitle: "Lead" }) { id }`;
    const both = `mutation { ${change('a', '1015')} ${change('b', '1016')} }`;
    const { said } = await explain(manager, both);
    expect(said.reads).toEqual([{ coordinate: 'Mutation.updateEmployee', read: asked }]);
    expect(said.upstreams).toHaveLength(4);
  });

  it('reads nothing for whom it does not decide, and nothing for whom it cannot', async () => {
    const clerk = await explain({ scope: 'hr:write hr:read', tenant_id: 'aurora' }, rename);
    expect(clerk.code).toBe(0);
    expect(clerk.said.reads).toBeUndefined();
    expect(clerk.said.upstreams).toHaveLength(1);
    const other = await explain({ scope: 'hr:read', tenant_id: 'aurora' }, rename);
    expect(other.said).toMatchObject({ outcome: 'refused', upstreams: [] });
  });

  it('counts the read in what an operation costs, whoever asks', async () => {
    const plain = demoWith((text) =>
      text.replace(/ {4}object: .*\n/, '').replace(/ {8}- all: .*\n/, ''),
    );
    const who = { scope: 'hr:write hr:read', tenant_id: 'aurora' };
    const [cheap, dear] = [await explain(who, rename, plain), await explain(who, rename)];
    expect(dear.said.cost.estimated - cheap.said.cost.estimated).toBe(11);
  });
});

describe('check', () => {
  it('lists what is read before writes, and what is fetched for it', async () => {
    const { code, stdout } = await runCommand(['check'], demoWith());
    expect(code).toBe(0);
    expect(stdout).toContain(`read-first   Mutation.updateEmployee: ${asked}`);
    expect(stdout).toContain('looked-at    Employee.managerId');
    expect(stdout).not.toMatch(/other-key|unread-write/);
  });

  it('tells of another key that a write is given', async () => {
    const files = more(
      '{ name: days, fields: { Mutation: [requestTimeOff] }, object: "Query.employee(id: args.input.kind)" }',
    );
    const { code, stderr } = await runCommand(['check'], files);
    // An enum is no key; a key that is not read by is told of.
    expect(code).toBe(2);
    expect(stderr).toMatch(/hr\.yaml:\d+:\d+: rule days: args\.input\.kind is /);
    const accounts = more(
      '{ name: accounts, fields: { Mutation: [updateBankAccount] }, object: "Query.employee(id: args.input.iban)" }',
    );
    const { stdout } = await runCommand(['check'], accounts);
    expect(stdout).toContain(
      'other-key    Mutation.updateBankAccount(employeeId:): sounds like the key of an object',
    );
  });

  it('says that the query stands in quotes', async () => {
    const files = more(
      'name: days\n    fields: { Mutation: [requestTimeOff] }\n    object: Query.employee(id: args.id)',
    );
    const { code, stderr } = await runCommand(['check'], files);
    expect(code).toBe(2);
    expect(stderr).toMatch(/hr\.yaml:\d+:\d+: not YAML: .*: quote a text with a colon/);
  });

  it('tells of writes before which nobody asks what types require', async () => {
    const { stdout } = await runCommand(['check'], more(apart));
    expect(stdout).toContain('unread-write Mutation.requestTimeOff: ');
    expect(stdout).not.toContain('unread-write Mutation.updateEmployee');
  });
});

describe('types that are kept apart', () => {
  it('load beside a write that names its object, and ask it first', async () => {
    const { said } = await explain(
      { scope: 'hr:write hr:read', tenant_id: 'aurora' },
      rename,
      more(apart),
    );
    expect(said.reads).toEqual([{ coordinate: 'Mutation.updateEmployee', read: asked }]);
    expect(said.coordinates[0]).toMatchObject({
      verdict: 'depends',
      missing: [
        { needs: 'require', condition: `when object.tenantId == claims.tenant_id of ${asked}` },
      ],
    });
  });

  it('refuse to start where it names none, and say what to write', async () => {
    const files = demoWith(
      (text) =>
        `${text.replace(/ {4}object: .*\n/, '').replace(/ {8}- all: .*\n/, '')}\n  - ${apart}\n`,
    );
    const { code, stderr } = await runCommand(['check'], files);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /hr\.yaml:\d+:\d+: rule tenants-stay-apart: Mutation\.updateEmployee returns Employee, .*`fields: \{ Mutation: \[updateEmployee\] \}` and `object: "Query\.employee\(id: args\.…\)"`/,
    );
  });
});

describe('matrix', () => {
  it('says of which object, and for whom it cannot be', async () => {
    const callers = [manager, { scope: 'hr:read' }, { scope: 'hr:write' }];
    const args = ['matrix', '--all', '--as', JSON.stringify(callers)];
    const { stdout } = await runCommand([...args, '--json'], demoWith());
    const { rows } = JSON.parse(stdout);
    const row = rows.find(
      ({ coordinate }: { coordinate: string }) => coordinate === 'Mutation.updateEmployee',
    );
    expect(row.cells.map(({ verdict }: { verdict: string }) => verdict)).toEqual([
      'depends',
      'deny',
      'allow',
    ]);
    const text = await runCommand(args, demoWith());
    expect(text.stdout).toContain(`when object.managerId == claims.employee_id of ${asked}`);
  });
});

describe('diff', () => {
  async function changes(base: Files, now: Files) {
    const { code, lines } = await compared(base, now);
    return { code, lines: lines.filter((line) => line.includes('Mutation.updateEmployee:')) };
  }
  const without = demoWith((text) =>
    text.replace(/ {4}object: .*\n/, '').replace(/ {8}- all: .*\n/, ''),
  );

  it('counts a write that an object may grant as wider', async () => {
    const { code, lines } = await changes(without, demoWith());
    expect(code).toBe(1);
    expect(lines.join('\n')).toMatch(
      /^widens Mutation\.updateEmployee: deny.*, now allow.* for roles manager and when .* of Query\.employee\(id: args\.id\)/m,
    );
    expect((await changes(demoWith(), demoWith())).lines).toEqual([]);
  });

  it('counts another object as wider, with the same words about it', async () => {
    const other = demoWith((text) =>
      text.replace('"Query.employee(id: args.id)"', '"Query.employee(id: args.input.jobTitle)"'),
    );
    expect((await changes(demoWith(), other)).code).toBe(1);
  });

  it('says that a type kept apart refuses the write, and does not drop it', async () => {
    const { code, lines } = await changes(demoWith(), more(apart));
    expect(code).toBe(0);
    expect(lines.join('\n')).toMatch(/^narrows Mutation\.updateEmployee: allow.*, now deny/m);
  });
});

describe('schema', () => {
  it('has the write for whom an object may grant it', async () => {
    const { stdout } = await runCommand(['schema', '--as', JSON.stringify(manager)], demoWith());
    expect(stdout).toMatch(/updateEmployee\(.*\): Employee\n/);
  });
});
