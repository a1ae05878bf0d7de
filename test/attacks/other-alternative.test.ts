/**
 * A body that is one of several objects, of which one takes further properties: what is a field of
 * another alternative, with a rule of its own, must not be one of these. Services look for the fields
 * that are there.
 */
import { describe, expect, it } from 'vitest';
import { answering, toDocument } from '../delegate/openapi-rig.ts';
import { testGateway } from '../support/gateway.ts';
import { sendRest } from '../support/send-rest.ts';

// No control: what the service is sent is looked at itself.

const text = { type: 'string' };
const Guest = {
  type: 'object',
  required: ['name'],
  properties: { name: text },
  additionalProperties: text,
};
const Member = {
  type: 'object',
  required: ['name', 'role'],
  properties: { name: text, role: text },
};
const requestBody = {
  required: true,
  content: { 'application/json': { schema: { anyOf: [Guest, Member] } } },
};
const open = (engine: 'compiled' | 'reference') =>
  testGateway({
    engine,
    upstreams: {},
    rest: {
      people: {
        document: toDocument(
          {
            '/people': {
              get: answering({ type: 'boolean' }),
              post: answering(
                { type: 'boolean' },
                { requestBody, parameters: [{ name: 'tenant', in: 'query', schema: text }] },
              ),
            },
          },
          { Guest, Member },
        ),
        operations: { 'Query.people': 'GET /people', 'Mutation.add': 'POST /people' },
        answer: () => ({ status: 200, body: 'true' }),
      },
    },
    rules: `
version: 1
rules:
  - name: open
    fields: { Query: [people], Mutation: [add, "add(input:)"], AddInput: [guest], GuestInput: [name, additionalProperties] }
    allow: everyone
  - { name: role, fields: { AddInput: [member], MemberInput: [name, role] }, allow: { scopes: [admin] } }
`,
  });

describe.each(['compiled', 'reference'] as const)('%s', (engine) => {
  const add = async (rest: object) => {
    const asked =
      'mutation ($rest: JSON) { add(input: { guest: { name: "Ada", additionalProperties: $rest } }) }';
    const { sent, codes } = await sendRest(open(engine), asked, { rest });
    return { sent: sent.length, codes };
  };

  it.each(['role', 'ROLE', '_role', 'tenant', '_method'])('%s', async (name) => {
    expect(await add({ [name]: 'admin' })).toEqual({ sent: 0, codes: ['ARGUMENT_REFUSED'] });
  });

  it.each(['roles', 'colour'])('%s is another', async (name) => {
    expect(await add({ [name]: 'red' })).toEqual({ sent: 1, codes: undefined });
  });
});
