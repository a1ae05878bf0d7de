/**
 * Documents that have brought GraphQL servers down, through the whole gateway: each is refused for
 * its own reason, none is a fault, and no upstream hears of it. What they cost is measured in
 * test/bench/document-limits.ts.
 */
import { describe, expect, it } from 'vitest';
import { documentAttacks, heaviestDocuments, sdl } from '../bench/document-attacks.ts';
import { testGateway } from '../support/gateway.ts';

const upstreams = { hr: { sdl, answer: () => ({ data: {} }) } };
const rules = `
version: 1
rules:
  - { name: open, fields: { Query: ["*"], Employee: ["*"], Office: ["*"], Node: ["*"] }, allow: everyone }
`;

describe('a document made to exhaust', () => {
  it.each(documentAttacks)('is refused: $name', async ({ text, limits, expect: reasons }) => {
    const gateway = await testGateway({ upstreams, rules, ...(limits && { limits }) });
    const { status } = await gateway.query(text);
    const [record] = gateway.records;
    // Where sizes are left alone, the body is refused before its document.
    const allowed = [...reasons, 'admit/body-too-large'];
    expect([record?.faults, status === 500]).toEqual([[], false]);
    expect(allowed).toContain(record?.refusal?.reason);
    expect(gateway.requests).toEqual([]);
    await gateway.close();
  });
});

describe('a document at the limits', () => {
  it.each(heaviestDocuments)('is no fault, whatever becomes of it: $name', async ({ text }) => {
    const gateway = await testGateway({ upstreams, rules });
    const { status } = await gateway.query(text, { variables: { v: '1' } });
    expect([gateway.records[0]?.faults, status === 500]).toEqual([[], false]);
    await gateway.close();
  });
});

describe('the name of an operation', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
  it.each(names)('may be %s', async (name) => {
    const gateway = await testGateway({ upstreams, rules });
    const text = `query ${name} { __typename }`;
    const { status, body } = await gateway.query(text, { operationName: name });
    expect([status, body.data]).toEqual([200, { __typename: 'Query' }]);
    await gateway.close();
  });
});
