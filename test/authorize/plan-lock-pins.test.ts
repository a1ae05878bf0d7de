/** The second lock of the compiled engine, asked about operations in which claims are pinned. */
import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createPlanLock } from '../../gateway/authorize/operation/plan-lock.ts';
import { accepted, callerWith, planning, policyOf } from './policy-rig.ts';

describe('an argument that is fixed from the token', () => {
  const pinned = 'type Query { me(t: ID, n: String): String }';
  const rules = `
- { name: open, fields: { Query: [me] }, allow: everyone }
- { name: pin, pin: { "Query.me(t:)": claims.t } }
`;
  const { plan: planPinned, executable: schema } = planning(pinned, rules);
  const lockOf = createPlanLock(schema, policyOf(pinned, rules), new Set());
  const caller = callerWith({ claims: { t: 'a' } });
  const at = { country: undefined, networks: [], startedAtMs: 0 };
  const pin = { variable: 'v', coordinate: 'Query.me(t:)', claim: ['t'], of: 'ID', isList: false };
  const others = [
    { name: 'is absent', document: '{ me }' },
    { name: 'is a value', document: '{ me(t: "a") }' },
    { name: 'is a variable of the caller', document: 'query ($w: ID!) { me(t: $w) }' },
    { name: 'is null', document: '{ me(t: null) }' },
    { name: 'is another claim', pins: [{ ...pin, claim: ['u'] }] },
    { name: 'is that of another field', pins: [{ ...pin, coordinate: 'Query.you(t:)' }] },
    { name: 'has no value', pins: [] },
  ] as const;

  it('as it is planned', async () => {
    const planned = accepted(await planPinned({ query: '{ me }', caller }));
    expect(lockOf(planned)({ caller, ...at }, {})).toBe(true);
    expect(lockOf(planned)({ caller: callerWith(), ...at }, {})).toBe(false);
  });

  it.each(others)('closed where it $name', async (other) => {
    const { document = 'query ($v: ID!) { me(t: $v) }', pins = [pin] } = other as {
      document?: string;
      pins?: readonly (typeof pin)[];
    };
    const planned = accepted(await planPinned({ query: '{ me }', caller }));
    const operation = { ...planned, document: parse(document), pins: pins as never };
    expect(lockOf(operation)({ caller, ...at }, {})).toBe(false);
  });

  it('open where it is the variable of that claim', async () => {
    const planned = accepted(await planPinned({ query: '{ me }', caller }));
    const document = parse('query ($v: ID!) { me(t: $v) }');
    const operation = { ...planned, document, pins: [pin] as never };
    expect(lockOf(operation)({ caller, ...at }, {})).toBe(true);
  });
});

describe('two arguments that are fixed from the token', () => {
  const pinned = 'type Query { me(t: ID, n: ID): String }';
  const rules = `
- { name: open, fields: { Query: [me] }, allow: everyone }
- { name: pins, pin: { "Query.me(t:)": claims.t, "Query.me(n:)": claims.n } }
`;
  const { plan: planPinned, executable: schema } = planning(pinned, rules);
  const lockOf = createPlanLock(schema, policyOf(pinned, rules), new Set());
  const caller = callerWith({ claims: { t: 'a', n: 'b' } });
  const at = { country: undefined, networks: [], startedAtMs: 0 };
  const pinOf = (variable: string, name: string) => {
    return { variable, coordinate: `Query.me(${name}:)`, claim: [name], of: 'ID', isList: false };
  };
  const pins = [pinOf('v', 't'), pinOf('w', 'n')];

  it.each([
    { name: 'open where both are', text: 'me(t: $v, n: $w)', isOpen: true },
    { name: 'closed where the first alone is', text: 'me(t: $v, n: "b")', isOpen: false },
    { name: 'closed where the second alone is', text: 'me(n: $w)', isOpen: false },
    {
      name: 'closed where each has the value of the other',
      text: 'me(t: $w, n: $v)',
      isOpen: false,
    },
  ])('$name', async ({ text, isOpen }) => {
    const planned = accepted(await planPinned({ query: '{ me }', caller }));
    const document = parse(`query ($v: ID!, $w: ID!) { ${text} }`);
    expect(lockOf({ ...planned, document, pins: pins as never })({ caller, ...at }, {})).toBe(
      isOpen,
    );
  });
});

describe('an input field that is fixed from the token', () => {
  const pinned = `
    type Query { me(by: By!): String }
    input By { t: ID!, u: ID!, name: String }`;
  const rules = `
- { name: open, fields: { Query: [me], By: [name] }, allow: everyone }
- { name: pins, pin: { "Query.me(by.t:)": claims.t, "Query.me(by.u:)": claims.u } }
`;
  const { plan: planPinned, executable: schema, policy } = planning(pinned, rules);
  const lockOf = createPlanLock(schema, policy, new Set());
  const caller = callerWith({ claims: { t: 'a', u: 'b' } });
  const at = { country: undefined, networks: [], startedAtMs: 0 };

  it('open as it is planned', async () => {
    const planned = accepted(await planPinned({ query: '{ me(by: { name: "x" }) }', caller }));
    expect(planned.pins).toHaveLength(2);
    expect(lockOf(planned)({ caller, ...at }, {})).toBe(true);
  });

  it.each([
    {
      name: 'a value is written',
      toText: (t: string, u: string) => `{ t: "a", u: ${u}, name: ${t} }`,
    },
    { name: 'another value is written', toText: (t: string) => `{ t: ${t}, u: "b" }` },
    { name: 'it is left out', toText: (t: string) => `{ t: ${t} }` },
    {
      name: 'it is written twice',
      toText: (t: string, u: string) => `{ t: ${t}, t: "c", u: ${u} }`,
    },
    {
      name: 'each has the value of the other',
      toText: (t: string, u: string) => `{ t: ${u}, u: ${t} }`,
    },
  ])('closed where $name', async ({ toText }) => {
    const planned = accepted(await planPinned({ query: '{ me(by: { name: "x" }) }', caller }));
    const [t = '', u = ''] = (planned.pins ?? []).map(({ variable }) => `$${variable}`);
    const document = parse(`query (${t}: ID!, ${u}: ID!) { me(by: ${toText(t, u)}) }`);
    expect(lockOf({ ...planned, document })({ caller, ...at }, {})).toBe(false);
  });
});
