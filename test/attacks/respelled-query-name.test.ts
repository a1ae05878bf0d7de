/**
 * An open object in a query (`by[name]=value`) takes names that the caller chooses. What services that
 * are lenient read as the name of a field with a rule must not be sent as a further one.
 */
import { describe, expect, it } from 'vitest';
import { answering, toDocument } from '../delegate/openapi-rig.ts';
import { testGateway } from '../support/gateway.ts';
import { sendRest } from '../support/send-rest.ts';

// No control: what the service is sent is looked at itself.

const text = { type: 'string' };
const by = {
  name: 'by',
  in: 'query',
  style: 'deepObject',
  schema: { type: 'object', properties: { city: text, ssn: text }, additionalProperties: true },
};

const open = (engine: 'compiled' | 'reference') =>
  testGateway({
    engine,
    upstreams: {},
    rest: {
      people: {
        document: toDocument({
          '/people': { get: answering({ type: 'boolean' }, { parameters: [by] }) },
        }),
        operations: { 'Query.people': 'GET /people' },
        answer: () => ({ status: 200, body: 'true' }),
      },
    },
    rules: `
version: 1
rules:
  - { name: open, fields: { Query: [people, "people(by:)"], PeopleByInput: [city, additionalProperties] }, allow: everyone }
  - { name: ssn, fields: { PeopleByInput: [ssn] }, allow: { scopes: [ssn] } }
`,
  });

describe.each(['compiled', 'reference'] as const)('%s', (engine) => {
  const asked = 'query ($rest: JSON) { people(by: { city: "Oslo", additionalProperties: $rest }) }';
  const ask = (rest: object) => sendRest(open(engine), asked, { rest });

  const names = [
    'ssn',
    'SSN',
    'ssn]',
    'ssn][',
    ' ssn',
    'ssn ',
    '[ssn',
    'ssn\u0000',
    '',
    'x][ssn',
    "'ssn'",
    '"ssn"',
    'ssn.x',
  ];
  it.each(names)('%j', async (name) => {
    expect(await ask({ [name]: '900-11-1111' })).toEqual({ sent: [], codes: ['ARGUMENT_REFUSED'] });
  });

  it.each([[['900-11-1111']], [{ ssn: '1' }]])('%j, which has no spelling', async (value) => {
    expect(await ask({ zip: value })).toEqual({ sent: [], codes: ['ARGUMENT_REFUSED'] });
  });

  it.each(['zip', 'ssns', 'first.name', 'a-b'])('%j is another', async (name) => {
    const path = `GET /people?by%5Bcity%5D=Oslo&by%5B${name}%5D=red`;
    expect(await ask({ [name]: 'red' })).toEqual({ sent: [path], codes: undefined });
  });
});
