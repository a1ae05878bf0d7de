/** A document of every trap: what each becomes, what the report says of it, and what is sent. */
import { fileURLToPath } from 'node:url';
import { printSchema, validateSchema } from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ApiDocument } from '../../gateway/delegate/openapi/document/api-document.ts';
import { loadOpenApi } from '../../gateway/delegate/openapi/load-openapi.ts';
import { translateOpenApi } from '../../gateway/delegate/openapi/translate-openapi.ts';
import { type Json, json, run } from './openapi-rig.ts';

const file = fileURLToPath(new URL('../cases/openapi-traps.yaml', import.meta.url));

let document: ApiDocument;
let lines: string[] = [];
let report: { operation: string; why: string; lost: boolean }[] = [];
let coordinates: string[] = [];
beforeAll(async () => {
  document = await loadOpenApi(file);
  const translated = translateOpenApi({ upstream: 'traps', document, operations: 'all' });
  expect(validateSchema(translated.schema)).toEqual([]);
  lines = printSchema(translated.schema)
    .split('\n')
    .map((line) => line.trim());
  ({ report } = translated);
  coordinates = [...translated.operations.keys()];
});

describe('becomes', () => {
  const cases = [
    { name: 'a dotted operationId', expect: 'peopleList(' },
    { name: 'an operationId used twice', expect: 'peopleByPersonId(personId: Int!): person' },
    { name: 'a bracketed parameter', expect: 'filterName: String' },
    { name: 'a parameter in kebab case', expect: 'pageSize: Int' },
    { name: 'a list of odd enum values', expect: 'tags: [PeopleListTags!]' },
    { name: 'a deep object', expect: 'where: PeopleListWhereInput' },
    { name: 'a spread object', expect: 'flat: PeopleListFlatInput' },
    { name: 'a list in a path', expect: 'peopleByIdsBatch(ids: [String!]!): [person]' },
    { name: 'an answer without a body', expect: 'deletePeopleByPersonId(personId: Int!): Boolean' },
    { name: 'an answer that is not JSON', expect: 'report: Boolean' },
    { name: 'a schema in lower case', expect: 'type person {' },
    { name: 'an integer id', expect: 'id: ID!' },
    { name: 'a wire name that is a name', expect: 'firstName: String' },
    { name: 'a name that starts with a digit', expect: '_2fa: Boolean' },
    { name: 'a name of every object', expect: 'x___proto__: String' },
    { name: 'a date', expect: 'born: String' },
    { name: 'a number', expect: 'pay: Float' },
    { name: 'an int64', expect: 'badge: Float' },
    { name: 'an enum with null', expect: 'state: personState' },
    { name: 'an enum of numbers', expect: 'score: personScore' },
    { name: 'a fraction as enum value', expect: '_2_5' },
    { name: 'a map', expect: 'labels: JSON' },
    { name: 'any value', expect: 'anything: JSON' },
    { name: 'a nullable reference to itself', expect: 'manager: person' },
    { name: 'a list of itself', expect: 'reports: [person]' },
    { name: 'lists of lists', expect: 'grid: [[Float]]' },
    { name: 'mixed alternatives', expect: 'contact: JSON' },
    { name: 'alternatives of one scalar', expect: 'email: String' },
    { name: 'a schema called Query', expect: 'query: Query_b80a37' },
    { name: 'properties beside the named ones', expect: 'additionalProperties: JSON' },
    { name: 'a type that there is not', expect: 'odd: JSON' },
    { name: 'a required that is no list', expect: 'required: Boolean' },
    { name: 'objects with a discriminator', expect: 'union Pet = Cat | Dog' },
    { name: 'objects without one', expect: 'union Shape = ShapeCircle | ShapeSquare' },
    { name: 'one of several as an argument', expect: 'postPets(input: PetInput!): Boolean' },
    { name: 'its alternatives', expect: 'dog: DogInput' },
  ];
  test.each(cases)('$name: $expect', ({ expect: line }) => {
    expect(lines).toContain(line);
  });

  test('no credential, and nothing that only the other side writes', () => {
    expect(lines.filter((line) => /authorization|api-?_?key|session/i.test(line))).toEqual([]);
    const output = lines.slice(lines.indexOf('type person {'));
    expect(output.slice(0, output.indexOf('}'))).not.toContain('secret: String');
    const input = lines.slice(lines.indexOf('input personInput {'));
    expect(input.slice(0, input.indexOf('}')).filter((line) => line.startsWith('id:'))).toEqual([]);
  });
});

describe('the report', () => {
  test('names every operation that there is not', () => {
    const lost = report.filter((entry) => entry.lost).map((entry) => entry.operation);
    expect(lost.sort()).toEqual([
      'GET /lost',
      'GET /lost/{missing}',
      'HEAD /lost',
      'POST /upload',
      'webhook person-created',
    ]);
    expect(coordinates).toHaveLength(9);
  });

  const notes = [
    { about: 'GET /people', why: /Authorization \(header, required\).*X-API-Key.*session/ },
    { about: 'GET /people', why: /query parameter open .* left out/ },
    { about: 'POST /people', why: /operationId same is used 2 times/ },
    { about: 'GET /report', why: /not JSON/ },
    { about: 'person.contact', why: /opaque/ },
    { about: 'person.odd', why: /opaque.*file/ },
    { about: 'personInput.hard', why: /pattern is left to the upstream/ },
    { about: 'personInput', why: /read-only, left out: id/ },
    { about: 'Shape', why: /no discriminator/ },
    { about: 'Query_b80a37', why: /cannot be called Query/ },
  ];
  test.each(notes)('says of $about: $why', ({ about, why }) => {
    const found = report.filter((entry) => entry.operation === about && why.test(entry.why));
    expect(found).toHaveLength(1);
  });
});

describe('reads', () => {
  const cases: { name: string; query: string; given: unknown; expect: Json }[] = [
    {
      name: 'a discriminated object by its mapping',
      query: '{ pets { __typename ... on Cat { lives } ... on Dog { tricks } } }',
      given: [
        { kind: 'cat', lives: 9 },
        { kind: 'hound', tricks: ['sit'] },
      ],
      expect: {
        data: {
          pets: [
            { __typename: 'Cat', lives: 9 },
            { __typename: 'Dog', tricks: ['sit'] },
          ],
        },
        failures: [],
      },
    },
    {
      name: 'no object of an unknown or missing discriminator',
      query: '{ pets { __typename } }',
      given: [{ kind: 'Wolf' }, { lives: 9 }, { kind: 'constructor' }],
      expect: {
        data: { pets: [null, null, null] },
        failures: [0, 1, 2].map((n) => `pets.${n}: an object of no clear type of Pet`),
      },
    },
    {
      name: 'an object by what it requires, and none that may be of either type',
      query: '{ shapes { __typename ... on ShapeCircle { radius } ... on ShapeSquare { side } } }',
      given: [{ radius: 1 }, { side: 2 }, { radius: 1, side: 2 }, {}, { radius: 'x' }],
      expect: {
        data: {
          shapes: [
            { __typename: 'ShapeCircle', radius: 1 },
            { __typename: 'ShapeSquare', side: 2 },
            null,
            null,
            null,
          ],
        },
        failures: [2, 3, 4].map((n) => `shapes.${n}: an object of no clear type of Shape`),
      },
    },
    {
      name: 'properties beside the named ones, and none of the named',
      query: '{ peopleByPersonId(personId: 1) { extra { known additionalProperties } } }',
      given: { id: 1, 'first-name': 'A', extra: { known: 'k', a: 1, b: 2 } },
      expect: {
        data: { peopleByPersonId: { extra: { known: 'k', additionalProperties: { a: 1, b: 2 } } } },
        failures: [],
      },
    },
  ];
  test.each(cases)('$name', async ({ query, given, expect: outcome }) => {
    expect(await run({ document, query, answer: json(given) })).toMatchObject(outcome);
  });
});

describe('sends', () => {
  const cases = [
    {
      name: 'every form of a query parameter',
      given:
        '{ peopleList(pageSize: 5, filterName: "a&b", tags: [on_leave, new], where: { city: "X", minAge: 3 }, flat: { a: "1" }) { id } }',
      expect:
        'GET /people?page-size=5&filter%5Bname%5D=a%26b&tags=on-leave%7Cnew&where%5Bcity%5D=X&where%5Bmin-age%5D=3&a=1',
    },
    {
      name: 'a list in a path',
      given: '{ peopleByIdsBatch(ids: ["a/b", "c|d"]) { id } }',
      expect: 'GET /people/a%2Fb,c%7Cd/batch',
    },
    {
      name: 'one alternative',
      given: 'mutation { postPets(input: { dog: { kind: "hound", tricks: ["sit"] } }) }',
      expect: 'POST /pets {"kind":"hound","tricks":["sit"]}',
    },
    {
      name: 'further properties',
      given:
        'mutation { postPeople(input: { firstName_2362fd: "A", extra: { known: "k", additionalProperties: { a: 1 } } }) { id } }',
      expect: 'POST /people {"first-name":"A","extra":{"known":"k","a":1}}',
    },
  ];
  test.each(cases)('$name', async ({ given, expect: request }) => {
    const { sent, text } = await run({ document, query: given, answer: json([]) });
    const said = sent.map(({ method, path, body }) =>
      [method, path, body].filter((part) => part !== undefined).join(' '),
    );
    expect(said, text).toEqual([request]);
  });

  const person = (more: string) =>
    `mutation { postPeople(input: { firstName_2362fd: "A", ${more} }) { id } }`;
  const refused = [
    { name: 'a number below its minimum', given: '{ peopleList(pageSize: 0) { id } }' },
    { name: 'a number above its maximum', given: '{ peopleList(pageSize: 51) { id } }' },
    { name: 'more items than there may be', given: '{ peopleList(tags: [new, new, new]) { id } }' },
    { name: 'an empty list in a path', given: '{ peopleByIdsBatch(ids: []) { id } }' },
    { name: 'dot segments in such a list', given: '{ peopleByIdsBatch(ids: ["..", "a"]) { id } }' },
    { name: 'two in one item of it', given: '{ peopleByIdsBatch(ids: ["a", "c,d"]) { id } }' },
    {
      name: 'a text too short',
      given: 'mutation { postPeople(input: { firstName_2362fd: "" }) { id } }',
    },
    { name: 'a date that there is not', given: person('born: "2023-02-29"') },
    { name: 'no multiple', given: person('pay: 1.005') },
    { name: 'a text that does not match', given: person('code: "ab1"') },
    { name: 'a map of the wrong values', given: person('labels: { a: "toolong" }') },
    { name: 'null where null is not', given: person('born: null') },
    {
      name: 'a further property of a wrong type',
      given: person('extra: { additionalProperties: { a: "x" } }'),
    },
    {
      name: 'a further property that is a field',
      given: person('extra: { additionalProperties: { known: "x" } }'),
    },
    {
      name: 'two alternatives',
      given: 'mutation { postPets(input: { cat: { kind: "cat" }, dog: { kind: "hound" } }) }',
    },
    { name: 'no alternative', given: 'mutation { postPets(input: {}) }' },
    {
      name: 'the discriminator of another',
      given: 'mutation { postPets(input: { dog: { kind: "cat" } }) }',
    },
  ];
  test.each(refused)('not $name', async ({ given }) => {
    const { sent, failures } = await run({ document, query: given, answer: json([]) });
    expect(sent).toEqual([]);
    expect(failures).toEqual([expect.stringMatching(/refused/)]);
  });
});
