/**
 * The last day of shadow mode is over while the process runs: from its last millisecond on the rule is in force,
 * with plans that were kept, without anything being read again, and whatever the clock does next. A
 * rule that grants is not: time opens nothing.
 */
import { describe, expect, it } from 'vitest';
import { dayFromNow } from '../support/days.ts';
import { midnight, serve, shadow, today } from './shadow-rig.ts';

const rules = (text: string) => ({ 'policies/access/b.yaml': `version: 1\nrules:\n  - ${text}\n` });

const rows: {
  name: string;
  policies: Readonly<Record<string, string>>;
  query: string;
  before: unknown[];
  after: unknown[];
}[] = [
  {
    name: 'a requirement',
    policies: rules(
      `{ name: stay, fields: { Query: [hello] }, require: { scopes: [a] }, ${shadow} }`,
    ),
    query: '{ hello }',
    before: [200, undefined, 'refuse stay'],
    after: [200, 'FORBIDDEN'],
  },
  {
    name: 'a requirement on arguments',
    policies: rules(
      `{ name: stay, fields: { Query: [city] }, require: { when: args.of == "x" }, ${shadow} }`,
    ),
    query: '{ city(of: "y") }',
    before: [200, undefined, 'refuse stay'],
    after: [200, 'FORBIDDEN'],
  },
  {
    name: 'what nobody may have',
    policies: rules(`{ name: stay, fields: { Query: [hello] }, forbid: true, ${shadow} }`),
    query: '{ hello }',
    before: [200, undefined, 'refuse stay'],
    after: [200, 'FORBIDDEN'],
  },
  {
    name: 'a grant',
    policies: rules(`{ name: give, fields: { Query: [secret] }, allow: everyone, ${shadow} }`),
    query: '{ secret }',
    before: [200, 'GRAPHQL_VALIDATION_FAILED', 'grant give'],
    after: [200, 'GRAPHQL_VALIDATION_FAILED', 'grant give'],
  },
  {
    name: 'a limit',
    policies: {
      'policies/limits/a.yaml': `version: 1\nlimits: { rootFields: { limit: 1, ${shadow} } }\n`,
    },
    query: '{ hello city }',
    before: [200, undefined, 'refuse limits.rootFields'],
    after: [400, 'DOCUMENT_TOO_LARGE'],
  },
  {
    name: 'a cost',
    policies: {
      'policies/limits/a.yaml': `version: 1\nlimits: { cost: { limit: 1, ${shadow} } }\n`,
    },
    query: '{ hello }',
    before: [200, undefined, 'refuse limits.cost'],
    after: [400, 'OPERATION_TOO_COSTLY'],
  },
  {
    name: 'a list of networks',
    policies: {
      'policies/network/a.yaml': `version: 1\nlists: { bad: { file: bad.txt } }\ndeny: [{ list: bad, ${shadow} }]\n`,
      'policies/network/bad.txt': '192.0.2.0/24\n',
    },
    query: '{ hello }',
    before: [200, undefined, 'refuse network.deny bad'],
    after: [403, 'FORBIDDEN_ADDRESS'],
  },
  {
    name: 'networks that alone may come in',
    policies: {
      'policies/network/a.yaml': `version: 1\nlists: { good: { file: good.txt } }\nallow: { lists: [good], ${shadow} }\n`,
      'policies/network/good.txt': '198.51.100.0/24\n',
    },
    query: '{ hello }',
    before: [200, undefined, 'refuse network.allow'],
    after: [403, 'FORBIDDEN_ADDRESS'],
  },
];

describe('at midnight, in UTC', () => {
  it.each(rows)('$name', async ({ policies, query, before, after }) => {
    const { ask, clock, close } = await serve(policies);
    // Planned, kept, and from what is kept.
    for (let turn = 0; turn < 3; turn += 1) expect(await ask(query)).toEqual(before);
    clock.nowMs = midnight - 1;
    expect(await ask(query)).toEqual(before);
    clock.nowMs = midnight;
    for (let turn = 0; turn < 3; turn += 1) expect(await ask(query)).toEqual(after);
    clock.nowMs = midnight + 400 * 86_400_000;
    expect(await ask(query)).toEqual(after);
    // Set back, it does not open again.
    clock.nowMs = midnight - 5_000;
    expect(await ask(query)).toEqual(after);
    close();
  });

  it('a rate, which counts anew', async () => {
    const policies = {
      'policies/rates/a.yaml': `version: 1\nrates: [{ name: few, per: address, limit: 2, window: 1h, ${shadow} }]\n`,
    };
    const { ask, clock, close } = await serve(policies);
    const met = [];
    for (let turn = 0; turn < 4; turn += 1) met.push(await ask('{ hello }'));
    clock.nowMs = midnight;
    for (let turn = 0; turn < 3; turn += 1) met.push(await ask('{ hello }'));
    expect(met).toEqual([
      [200, undefined],
      [200, undefined],
      [200, undefined, 'refuse few'],
      [200, undefined, 'refuse few'],
      [200, undefined],
      [200, undefined],
      [429, 'RATE_LIMITED'],
    ]);
    close();
  });

  it('the log says so, once', async () => {
    const stay = `{ name: stay, fields: { Query: [hello] }, require: { scopes: [a] }, ${shadow} }`;
    const { ask, clock, lines, close } = await serve(rules(stay));
    await ask('{ hello }');
    expect(lines).toEqual([]);
    clock.nowMs = midnight;
    await ask('{ hello }');
    await ask('{ hello }');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({
        kind: 'policy-reloaded',
        level: 'warning',
        notes: [`access stay: in force, its shadow mode ended ${today}`],
      }),
    ]);
    close();
  });

  it('and so it does of the network', async () => {
    const { ask, clock, lines, close } = await serve({
      'policies/network/a.yaml': `version: 1\nlists: { bad: { file: bad.txt } }\ndeny: [{ list: bad, ${shadow} }]\n`,
      'policies/network/bad.txt': '192.0.2.0/24\n',
    });
    clock.nowMs = midnight;
    await ask('{ hello }');
    await ask('{ hello }');
    const told = lines.map((line) => JSON.parse(line)).filter(({ kind }) => /policy/.test(kind));
    expect(told.map(({ notes }) => notes)).toEqual([
      [`network network.deny bad: in force, its shadow mode ended ${today}`],
    ]);
    close();
  });

  it('what ended before is in force from the start', async () => {
    const until = dayFromNow(-1);
    const stay = `{ name: stay, fields: { Query: [hello] }, require: { scopes: [a] }, shadow: { until: ${until} } }`;
    const { ask, sent, close } = await serve(rules(stay));
    expect(await ask('{ hello }')).toEqual([200, 'FORBIDDEN']);
    expect(sent).toEqual([]);
    close();
  });
});
