/**
 * Many services merge what stands in the query and in the body (Rails, servlets, PHP's `$_REQUEST`).
 * What a caller may name in a body must not be a parameter of the operation: it would take the place of
 * one that is pinned or refused. Nor must it be the name by which some take a POST for another method.
 */
import { isInputObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { translateOpenApi } from '../../gateway/delegate/openapi/translate-openapi.ts';
import { answering, toDocument } from '../delegate/openapi-rig.ts';
import { testGateway } from '../support/gateway.ts';
import { sendRest } from '../support/send-rest.ts';

// No control: what the service is sent is looked at itself.

const text = { type: 'string' };
const at = (name: string, place: string) => ({
  name,
  in: place,
  required: place === 'path',
  schema: text,
});
const person = { type: 'object', properties: { name: text } };
const deep = { style: 'deepObject', explode: true };
const open = { ...person, additionalProperties: text };
const taking = (schema: object) =>
  answering(
    { type: 'boolean' },
    {
      parameters: [at('id', 'path'), at('tenantId', 'query')],
      requestBody: { content: { 'application/json': { schema } } },
    },
  );

const start = (engine: 'compiled' | 'reference') =>
  testGateway({
    engine,
    upstreams: {},
    rest: {
      people: {
        document: toDocument({
          '/people': { get: answering({ type: 'boolean' }) },
          '/people/{id}': { patch: taking(open), put: taking({ type: 'object' }) },
        }),
        operations: {
          'Query.people': 'GET /people',
          'Mutation.change': 'PATCH /people/{id}',
          'Mutation.put': 'PUT /people/{id}',
        },
        answer: () => ({ status: 200, body: 'true' }),
      },
    },
    rules: `
version: 1
rules:
  - { name: open, fields: { Query: [people], Mutation: [change, put, "put(input:)"], ChangeInput: [name, additionalProperties] }, allow: everyone }
  - { name: tenants, pin: { "Mutation.change(tenantId:)": claims.tenant, "Mutation.put(tenantId:)": claims.tenant } }
`,
  });

describe.each(['compiled', 'reference'] as const)('%s', (engine) => {
  const as = { claims: { tenant: 'mine' } };
  const ask = (written: string, rest: object) =>
    sendRest(start(engine), `mutation ($rest: JSON) { ${written} }`, { rest, as });
  const change = 'change(id: "7", input: { name: "Ada", additionalProperties: $rest })';
  const put = 'put(id: "7", input: $rest)';

  const methods = [
    '_method',
    '_METHOD',
    '_Method',
    '_method\0',
    'X-HTTP-Method-Override',
    'x_http_method_override',
    'X-HTTP-Method',
    'X-Method-Override',
  ];
  it.each(['tenantId', 'TENANTID', 'tenant_id', ...methods])('%j', async (name) => {
    for (const written of [change, put]) {
      const outcome = await ask(written, { [name]: 'other' });
      expect(outcome).toEqual({ sent: [], codes: ['ARGUMENT_REFUSED'] });
    }
  });

  it.each(['tenant', 'id', 'colour', 'method'])('%s is another', async (name) => {
    expect([await ask(change, { [name]: 'x' }), await ask(put, { [name]: 'x' })]).toEqual([
      { sent: ['PATCH /people/7?tenantId=mine'], codes: undefined },
      { sent: ['PUT /people/7?tenantId=mine'], codes: undefined },
    ]);
  });
});

it('an object of a form that would write one is no part of it', () => {
  const encoding = { card: deep, other: deep, spread: { style: 'form' }, free: { style: 'form' } };
  const properties = {
    card: open,
    other: open,
    spread: { type: 'object', properties: { city: text } },
    free: person,
  };
  const form = { schema: { type: 'object', properties }, encoding };
  const post = answering(text, {
    operationId: 'pay',
    parameters: [at('card[number]', 'query'), at('city', 'query')],
    requestBody: { content: { 'application/x-www-form-urlencoded': form } },
  });
  const document = toDocument({ '/x': { get: answering(text) }, '/pay': { post } });
  const { schema, report } = translateOpenApi({ upstream: 'u', document, operations: 'all' });
  const input = schema.getType('PayInput');
  const fields = isInputObjectType(input) ? Object.keys(input.getFields()) : [];
  expect(fields).toEqual(['other', 'free']);
  expect(report.map(({ why }) => why)).toContain(
    'of its form, left out for want of a clear spelling: card, spread',
  );
});

it("no name of a form or a query is the caller's, who could name a method by it", () => {
  const any = { ...person, additionalProperties: true };
  const post = answering(text, {
    operationId: 'pay',
    parameters: [{ name: 'free', in: 'query', style: 'form', explode: true, schema: any }],
    requestBody: {
      content: {
        'application/x-www-form-urlencoded': {
          schema: { ...any, properties: { name: text, free: any } },
          encoding: { free: { style: 'form', explode: true } },
        },
      },
    },
  });
  const document = toDocument({ '/x': { get: answering(text) }, '/pay': { post } });
  const { schema } = translateOpenApi({ upstream: 'u', document, operations: 'all' });
  const input = schema.getType('PayInput');
  expect({
    arguments: schema
      .getMutationType()
      ?.getFields()
      .pay?.args.map(({ name }) => name),
    form: isInputObjectType(input) ? Object.keys(input.getFields()) : [],
  }).toEqual({ arguments: ['input'], form: ['name'] });
});
