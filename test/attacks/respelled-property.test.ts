/**
 * Many services read JSON properties whatever their case (encoding/json of Go, ASP.NET). A body that
 * takes further properties must not carry one that such a service reads as a field with a rule.
 */
import { describe, expect, it } from 'vitest';
import { answering, toDocument } from '../delegate/openapi-rig.ts';
import { testGateway } from '../support/gateway.ts';

// No control: what the service is sent is looked at itself.

const schema = {
  type: 'object',
  properties: { name: { type: 'string' }, role: { type: 'string' }, straße: { type: 'string' } },
  additionalProperties: { type: 'string' },
};
const requestBody = { required: true, content: { 'application/json': { schema } } };
const open = (engine: 'compiled' | 'reference') =>
  testGateway({
    engine,
    upstreams: {},
    rest: {
      people: {
        document: toDocument({
          '/people': {
            get: answering({ type: 'boolean' }),
            post: answering({ type: 'boolean' }, { requestBody }),
          },
        }),
        operations: { 'Query.people': 'GET /people', 'Mutation.add': 'POST /people' },
        answer: () => ({ status: 200, body: 'true' }),
      },
    },
    rules: `
version: 1
rules:
  - name: open
    fields: { Query: [people], Mutation: [add, "add(input:)"], AddInput: [name, additionalProperties] }
    allow: everyone
  - { name: role, fields: { AddInput: [role] }, allow: { scopes: [admin] } }
`,
  });

describe.each(['compiled', 'reference'] as const)('%s', (engine) => {
  const add = async (rest: object) => {
    const gateway = await open(engine);
    const { body } = await gateway.query(
      'mutation ($rest: JSON) { add(input: { name: "Ada", additionalProperties: $rest }) }',
      { variables: { rest } },
    );
    await gateway.close();
    return { sent: gateway.requests.length, codes: body.errors?.map((one) => one.extensions.code) };
  };

  it.each(['role', 'Role', 'ROLE', 'rolE', 'ｒｏｌｅ', 'NAME', 'STRASSE'])('%s', async (name) => {
    expect(await add({ [name]: 'admin' })).toEqual({ sent: 0, codes: ['ARGUMENT_REFUSED'] });
  });

  it.each(['roles', 'rol', 'r o l e', 'colour'])('%s is another', async (name) => {
    expect(await add({ [name]: 'red' })).toEqual({ sent: 1, codes: undefined });
  });
});
