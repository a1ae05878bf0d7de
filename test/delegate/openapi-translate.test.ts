/** What a document becomes: the schema as SDL, and what the report says of the rest. */
import { printSchema, validateSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import type { OperationsWanted } from '../../gateway/delegate/openapi/document/choose-operations.ts';
import { translateOpenApi } from '../../gateway/delegate/openapi/translate-openapi.ts';
import { answering, type Json, toDocument } from './openapi-rig.ts';

function translate(paths: Json, schemas: Json = {}, operations: OperationsWanted = 'all') {
  const document = toDocument(paths, schemas);
  const {
    schema,
    operations: map,
    report,
  } = translateOpenApi({ upstream: 'hris', document, operations });
  expect(validateSchema(schema)).toEqual([]);
  const lines = printSchema(schema)
    .split('\n')
    .map((line) => line.trim());
  return { lines, coordinates: [...map.keys()], report };
}

/** The lines of one object as `Query.thing: Thing` would return it. */
function linesOf(thing: Json, schemas: Json = {}): string[] {
  return translate({ '/thing': { get: answering(thing) } }, schemas).lines;
}

const node: Record<string, unknown> = { type: 'object', required: ['id'] };
node.properties = { id: { type: 'integer' }, children: { type: 'array', items: node } };

const person = { type: 'object', properties: { name: { type: 'string' } } };

describe('property types', () => {
  const property = (schema: unknown) => ({
    type: 'object',
    required: ['it'],
    properties: { it: schema },
  });
  const cases = [
    { name: 'a required text', given: { type: 'string', format: 'date' }, expect: 'it: String!' },
    { name: 'nullable (3.0)', given: { type: 'string', nullable: true }, expect: 'it: String' },
    { name: 'a type list with null', given: { type: ['string', 'null'] }, expect: 'it: String' },
    {
      name: 'oneOf with null',
      given: { oneOf: [person, { type: 'null' }] },
      expect: 'it: ThingResponseIt',
    },
    { name: 'an integer', given: { type: 'integer' }, expect: 'it: Int!' },
    { name: 'an int64', given: { type: 'integer', format: 'int64' }, expect: 'it: Float!' },
    { name: 'a wide maximum', given: { type: 'integer', maximum: 1e12 }, expect: 'it: Float!' },
    { name: 'a number', given: { type: 'number' }, expect: 'it: Float!' },
    { name: 'a uuid', given: { type: 'string', format: 'uuid' }, expect: 'it: ID!' },
    { name: 'a boolean enum', given: { enum: [true, false] }, expect: 'it: Boolean!' },
    {
      name: 'a list',
      given: { type: 'array', items: { type: 'boolean' } },
      expect: 'it: [Boolean]!',
    },
    { name: 'a free-form object', given: { type: 'object' }, expect: 'it: JSON!' },
    {
      name: 'an object of additional properties',
      given: { type: 'object', additionalProperties: { type: 'string' } },
      expect: 'it: JSON!',
    },
    { name: 'any value', given: true, expect: 'it: JSON' },
    { name: 'alternatives', given: { oneOf: [person, { type: 'string' }] }, expect: 'it: JSON!' },
    {
      name: 'allOf of one',
      given: { allOf: [{ type: 'string' }], nullable: true },
      expect: 'it: String',
    },
  ];
  test.each(cases)('$name', ({ given, expect: line }) => {
    expect(linesOf(property(given))).toContain(line);
  });
});

describe('objects', () => {
  test('a component keeps its name, is shared, and may contain itself', () => {
    const lines = linesOf(
      { type: 'object', properties: { a: node, b: node } },
      { 'org-node': node },
    );
    expect(lines).toEqual(
      expect.arrayContaining(['a: OrgNode', 'b: OrgNode', 'children: [OrgNode]', 'id: ID!']),
    );
  });

  test('a nameless schema that contains itself is one type', () => {
    expect(linesOf(node)).toContain('children: [ThingResponse]');
  });

  test('a copy of a component with a description of its own is the same type', () => {
    const copy = { ...person, description: 'the manager' };
    const lines = linesOf(
      { type: 'object', properties: { a: person, b: copy } },
      { Person: person },
    );
    expect(lines).toEqual(expect.arrayContaining(['a: Person', 'b: Person']));
    expect(lines).not.toContain('type Person2 {');
  });

  test('allOf merges objects and what they require', () => {
    const extra = { type: 'object', properties: { age: { type: 'integer' } } };
    const lines = linesOf({ allOf: [person, extra, { required: ['age'] }] });
    expect(lines).toEqual(expect.arrayContaining(['name: String', 'age: Int!']));
  });

  test('parts of an allOf without properties say nothing', () => {
    const parts = [{ properties: {} }, { type: 'object', properties: {} }];
    for (const part of parts) {
      expect(linesOf({ allOf: [person, part] })).toContain('name: String');
      expect(linesOf({ ...part, allOf: [person] })).toContain('name: String');
    }
  });

  test('parts of an allOf that disagree make the property opaque, and the report says so', () => {
    const other = { type: 'object', properties: { name: { type: 'integer' } } };
    const paths = { '/thing': { get: answering({ allOf: [person, other] }) } };
    const { lines, report } = translate(paths);
    expect(lines).toContain('name: JSON');
    expect(report.map((entry) => entry.operation)).toContain('ThingResponse.name');
  });

  test('schemas that are parts or lists of themselves end', () => {
    const part: Record<string, unknown> = {};
    part.allOf = [part, part];
    const list: Record<string, unknown> = { type: 'array' };
    list.items = list;
    const lines = linesOf({ type: 'object', properties: { part, list } });
    expect(lines).toEqual(expect.arrayContaining(['part: JSON', 'list: [[[[JSON]]]]']));
  });

  test('two schemas that want one name both exist, and the report names both', () => {
    const { lines, report } = translate(
      { '/a': { get: answering(person) }, '/b': { get: answering(node) } },
      { Some_one: person, 'Some-one': {}, Query: node },
    );
    expect(lines).toEqual(expect.arrayContaining(['type Some_one {', 'type Query_b80a37 {']));
    expect(report).toContainEqual({
      operation: 'Query_b80a37',
      why: expect.any(String),
      lost: false,
    });
  });

  test('a component keeps its name against a nameless schema that comes first', () => {
    const { lines } = translate(
      { '/a': { get: answering(node) }, '/b': { get: answering(person) } },
      { AResponse: person },
    );
    expect(lines).toEqual(
      expect.arrayContaining([expect.stringMatching(/^a: AResponse_\w{6}$/), 'b: AResponse']),
    );
  });
});

describe('names', () => {
  test('wire names that GraphQL or the gateway cannot take', () => {
    const names = [
      'first-name',
      'tax.id',
      '2fa',
      '__proto__',
      'constructor',
      'fg1_id',
      '_fgKey',
      '__type',
      '日',
      'firstName',
    ];
    const properties = Object.fromEntries(names.map((name) => [name, { type: 'boolean' }]));
    const { lines, report } = translate({ '/thing': { get: answering({ properties }) } });
    const fields = lines.filter((line) => line.endsWith(': Boolean'));
    const expected = [
      'firstName_2362fd',
      'taxId',
      '_2fa',
      'x___proto__',
      'x_constructor',
      'x_fg1_id',
      'x__fgKey',
      'x___type',
      'unnamed',
    ];
    expect(fields).toEqual([...expected, 'firstName'].map((name) => `${name}: Boolean`));
    expect(report.map((entry) => entry.operation)).toEqual(['ThingResponse.firstName_2362fd']);
  });

  test('enum values', () => {
    const values = ['ok', 'on-leave', 'on leave', '', 'true', 7, -7, null];
    const { lines, report } = translate({ '/thing': { get: answering({ enum: values }) } });
    expect(lines).toEqual(
      expect.arrayContaining([
        'ok',
        'on_leave_c2b076',
        'on_leave_1fbb4d',
        'EMPTY',
        '_true',
        '_7',
        'MINUS_7',
      ]),
    );
    expect(report.map((entry) => entry.operation)).toEqual([
      'ThingResponse.on_leave_c2b076',
      'ThingResponse.on_leave_1fbb4d',
    ]);
  });
});

describe('operations', () => {
  const ok = answering(person);
  const paths = {
    '/people': { get: { ...ok, operationId: 'list-people' }, post: { ...ok, operationId: 'same' } },
    '/people/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
      get: { ...ok, operationId: 'same' },
      delete: { responses: { 204: {} } },
      options: ok,
    },
  };

  test('all: names from usable operationIds, else from method and path', () => {
    const { lines, coordinates, report } = translate(paths);
    expect(coordinates).toEqual([
      'Query.listPeople',
      'Query.peopleById',
      'Mutation.postPeople',
      'Mutation.deletePeopleById',
    ]);
    expect(lines).toContain('deletePeopleById(id: ID!): Boolean');
    expect(report.filter((entry) => entry.lost).map((entry) => entry.operation)).toEqual([
      'OPTIONS /people/{id}',
    ]);
  });

  test('reads: every GET, under the same names', () => {
    expect(translate(paths, {}, 'reads').coordinates).toEqual([
      'Query.listPeople',
      'Query.peopleById',
    ]);
  });

  test('a map: what is not named does not exist', () => {
    const wanted = { 'Query.person': 'GET /people/{id}', 'Mutation.remove': 'DELETE /people/{id}' };
    expect(translate(paths, {}, wanted).coordinates).toEqual(Object.keys(wanted));
  });

  const refused = [
    { name: 'nothing', given: undefined, expect: /operations/ },
    {
      name: 'another path',
      given: { 'Query.a': 'GET /people/{key}' },
      expect: /"GET \/people\/\{id\}"/,
    },
    { name: 'another method', given: { 'Mutation.a': 'PATCH /people/{id}' }, expect: /no "PATCH/ },
    { name: 'a write as a query', given: { 'Query.a': 'DELETE /people/{id}' }, expect: /Mutation/ },
    { name: 'no coordinate', given: { person: 'GET /people' }, expect: /coordinate/ },
    { name: 'a reserved name', given: { 'Query.__a': 'GET /people' }, expect: /coordinate/ },
    { name: 'a name of ours', given: { 'Query.fgw_a': 'GET /people' }, expect: /coordinate/ },
    { name: 'our key', given: { 'Query._fgKey': 'GET /people' }, expect: /coordinate/ },
    { name: 'no query at all', given: { 'Mutation.a': 'POST /people' }, expect: /Query/ },
  ];
  test.each(refused)('refuses $name', ({ given, expect: message }) => {
    const document = toDocument(paths);
    expect(() => translateOpenApi({ upstream: 'hris', document, operations: given })).toThrow(
      message,
    );
  });

  test('derived names that collide are told apart by their own text, and reported', () => {
    const { coordinates, report } = translate({ '/a-b': { get: ok }, '/a/b': { get: ok } });
    expect(coordinates).toEqual(['Query.aB_3c8680', 'Query.aB_840b71']);
    expect(report.map((entry) => entry.operation)).toEqual(['GET /a-b', 'GET /a/b']);
  });

  const at = (parameter: Json) => ({
    '/x': { get: ok },
    '/a/{b}': { get: answering(person, { parameters: [parameter] }) },
  });
  const body = (content: Json, required = true) => ({
    '/x': { get: ok },
    '/a': { post: answering(person, { requestBody: { required, content } }) },
  });
  const lost = [
    {
      name: 'an undescribed path parameter',
      given: at({ name: 'c', in: 'path', schema: {} }),
      expect: 'GET /a/{b}',
    },
    {
      name: 'a path parameter that is an object',
      given: at({ name: 'b', in: 'path', schema: person }),
      expect: 'GET /a/{b}',
    },
    { name: 'a required form body', given: body({ 'multipart/form-data': {} }), expect: 'POST /a' },
    {
      name: 'a path with a query',
      given: { '/x': { get: ok }, '/a?b=1': { get: ok } },
      expect: 'GET /a?b=1',
    },
    {
      name: 'a path with dot segments',
      given: { '/x': { get: ok }, '/a/../b': { get: ok } },
      expect: 'GET /a/../b',
    },
  ];
  test.each(lost)('reports $name by method and path', ({ given, expect: label }) => {
    const { report, coordinates } = translate(given);
    expect(report.filter((entry) => entry.lost).map((entry) => entry.operation)).toEqual([label]);
    expect(coordinates).toEqual(['Query.x']);
  });

  test('what an operation loses without being lost is a note', () => {
    const { report } = translate(body({ 'text/csv': {} }, false));
    expect(report).toEqual([{ operation: 'POST /a', why: expect.any(String), lost: false }]);
  });
});

describe('arguments', () => {
  test('header and cookie parameters never become arguments; collisions are told apart', () => {
    const parameters = [
      { name: 'Authorization', in: 'header', required: true, schema: { type: 'string' } },
      { name: 'session', in: 'cookie', schema: { type: 'string' } },
      { name: 'page-size', in: 'query', required: true, schema: { type: 'integer' } },
      { name: 'pageSize', in: 'query', schema: { type: 'integer' } },
      { name: 'input', in: 'query', required: true, schema: { type: 'integer', default: 1 } },
    ];
    const requestBody = { required: true, content: { 'application/json': { schema: person } } };
    const post = answering(person, { parameters, requestBody });
    const { lines, report } = translate(
      { '/a': { get: answering(person) }, '/b': { post } },
      { Person: person },
    );
    expect(lines).toEqual(
      expect.arrayContaining([
        'pageSize_83b51c: Int!',
        'pageSize: Int',
        'input_397e29: Int',
        'input: PersonInput!',
      ]),
    );
    const header = report.find((entry) => entry.why.includes('Authorization'));
    expect(header).toMatchObject({ operation: 'POST /b', lost: false });
  });

  test('inputs: required without default, read-only left out, write-only not in the output', () => {
    const schema = {
      type: 'object',
      required: ['id', 'name', 'state', 'secret'],
      properties: {
        id: { type: 'string', readOnly: true },
        name: { type: 'string' },
        state: { type: 'string', default: 'new' },
        secret: { type: 'string', writeOnly: true },
      },
    };
    const requestBody = { content: { 'application/json': { schema } } };
    const { lines } = translate(
      { '/a': { get: answering(schema), post: answering(schema, { requestBody }) } },
      { Thing: schema },
    );
    const start = lines.indexOf('input ThingInput {');
    expect(lines.slice(start + 1, start + 4)).toEqual([
      'name: String!',
      'state: String',
      'secret: String!',
    ]);
    const output = lines.indexOf('type Thing {');
    expect(lines.slice(output + 1, output + 5)).toEqual([
      'id: ID!',
      'name: String!',
      'state: String!',
      '}',
    ]);
  });
});
