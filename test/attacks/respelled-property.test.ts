/**
 * Many services read JSON properties whatever their case (encoding/json of Go, ASP.NET), or as one word
 * as well as several (`bankAccount` and `bank_account`: protobuf's JSON, what is put before Django and
 * Rails), or as a path (`owner.ssn`: updates of MongoDB, names of forms in ASP.NET). A body that takes
 * further properties must not carry one that such a service reads as a field with a rule. To a
 * service that searches, what is below a text is the text itself (`ssn.keyword` of Elasticsearch).
 */
import { describe, expect, it } from 'vitest';
import { answering, toDocument } from '../delegate/openapi-rig.ts';
import { testGateway } from '../support/gateway.ts';
import { sendRest } from '../support/send-rest.ts';

// No control: what the service is sent is looked at itself.

const schema = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    role: { type: 'string' },
    straße: { type: 'string' },
    payGrade: { type: 'string' },
    'cost-centre': { type: 'string' },
    'a.b': { type: 'string' },
    _id: { type: 'string' },
    owner: { type: 'object', properties: { ssn: { type: 'string' } } },
  },
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

const paths = ['owner.ssn', 'Owner.ssn', 'owner[ssn]', '_owner.ssn', 'role.x', 'a.b', 'A.B'];
const ended = ['role\u0000', 'Role\u0000x', 'owner\u0000.ssn'];
const several = ['pay_grade', 'PAY_GRADE', 'pay-grade', 'costCentre', 'cost_centre', 'costcentre'];

describe.each(['compiled', 'reference'] as const)('%s', (engine) => {
  const add = async (rest: object) => {
    const text =
      'mutation ($rest: JSON) { add(input: { name: "Ada", additionalProperties: $rest }) }';
    const { sent, codes } = await sendRest(open(engine), text, { rest });
    return { sent: sent.length, codes };
  };

  it.each([
    'role',
    'Role',
    'ROLE',
    'rolE',
    'ｒｏｌｅ',
    'NAME',
    'STRASSE',
    '_role',
    '_id',
    '_ID',
    ...several,
    ...paths,
    ...ended,
  ])('%s', async (name) => {
    expect(await add({ [name]: 'admin' })).toEqual({ sent: 0, codes: ['ARGUMENT_REFUSED'] });
  });

  it.each([
    'roles',
    'rol',
    'r o l e',
    'colour',
    'pay_grades',
    '_',
    '-',
    '.',
    'a',
    'my.role',
    'roles.x',
    'id',
  ])('%s is another', async (name) => {
    expect(await add({ [name]: 'red' })).toEqual({ sent: 1, codes: undefined });
  });
});
