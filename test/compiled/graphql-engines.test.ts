/** Both engines read an answer of a GraphQL upstream alike: what does not fit, and what types are called. */
import { describe, expect, it } from 'vitest';
import { testGateway } from '../support/gateway.ts';

const sdl = `
  type Query { codes: [Int!] spots: [Spot!] pet: Pet pets: [Pet!] owner(id: ID!): Owner! }
  type Spot { x: Int }
  union Pet = Cat | Dog
  type Cat { name: String ownerId: ID }
  type Dog { age: Int }
  type Owner { name: String }`;
const links = {
  'ZooCat.owner': { upstream: 'zoo', field: 'owner', argument: 'id', from: 'ownerId' },
};
const rules = `{ version: 1, rules: [{ name: open, allow: everyone, fields: {
  Query: ["*"], ZooSpot: ["*"], ZooCat: ["*"], ZooDog: ["*"], ZooOwner: ["*"] } }] }`;

/** Each root field that is asked for, under the key by which the document asks for it. */
const toAnswer = (query: string, fields: Readonly<Record<string, unknown>>) => {
  const asked = Object.entries(fields).filter(([field]) =>
    new RegExp(`\\b${field}\\b`).test(query),
  );
  const keyed = asked.map(([field, value]) => {
    const [, key = field] = new RegExp(`(\\w+)\\s*:\\s*${field}\\b`).exec(query) ?? [];
    return [key, value];
  });
  return { data: Object.fromEntries(keyed) };
};

/** A thousand values that do not fit are told one by one; with more, nothing is believed. */
const misfits = [
  { count: 1000, pet: { __typename: 'ZooCat' } },
  { count: 1001, pet: null },
];

describe.each(['compiled', 'reference'] as const)('the %s engine', (engine) => {
  const ask = async (query: string, fields: Readonly<Record<string, unknown>>) => {
    const answer = (request: { query: string }) => toAnswer(request.query, fields);
    const gateway = await testGateway({
      engine,
      upstreams: { zoo: { sdl, prefix: 'Zoo', answer } },
      links,
      rules,
    });
    const { body } = await gateway.query(query);
    await gateway.close();
    const told = (body.errors ?? []).map(({ path = [] }) => path.join('.'));
    return { data: body.data, told };
  };

  it.each(misfits)('counts $count leaves of a list that its first took', async (given) => {
    const { data, told } = await ask('{ codes pet { __typename } }', {
      codes: Array.from({ length: given.count }, () => 'no number'),
      pet: { __typename: 'Cat' },
    });
    expect(data).toEqual({ codes: null, pet: given.pet });
    expect(told).toContain('codes');
  });

  it.each(misfits)('counts $count objects of a list that its first took', async (given) => {
    const { data, told } = await ask('{ spots { x } pet { __typename } }', {
      spots: Array.from({ length: given.count }, (_, index) => (index % 2 === 0 ? 'none' : null)),
      pet: { __typename: 'Cat' },
    });
    expect(data).toEqual({ spots: null, pet: given.pet });
    expect(told).toContain('spots');
  });

  it('does not count the leaves that fit behind the one that took their list', async () => {
    const { data } = await ask('{ codes pet { __typename } }', {
      codes: ['no number', ...Array.from({ length: 1001 }, (_, index) => index)],
      pet: { __typename: 'Cat' },
    });
    expect(data).toEqual({ codes: null, pet: { __typename: 'ZooCat' } });
  });

  it('does not count what the objects hold behind the one that took their list', async () => {
    const { data } = await ask('{ spots { x } pet { __typename } }', {
      spots: ['none', ...Array.from({ length: 1001 }, () => ({ x: 'no number' }))],
      pet: { __typename: 'Cat' },
    });
    expect(data).toEqual({ spots: null, pet: { __typename: 'ZooCat' } });
  });

  it('reads which type an object is by the name that its upstream has for it', async () => {
    const { data, told } = await ask(
      '{ pets { __typename ... on ZooCat { name } ... on ZooDog { age } } }',
      {
        pets: [
          { __typename: 'Cat', name: 'Tom' },
          { __typename: 'Dog', age: 3 },
        ],
      },
    );
    expect(told).toEqual([]);
    expect(data).toEqual({
      pets: [
        { __typename: 'ZooCat', name: 'Tom' },
        { __typename: 'ZooDog', age: 3 },
      ],
    });
  });

  it('tells of a null where the upstream promises a row', async () => {
    const { data, told } = await ask('{ pets { ... on ZooCat { name owner { name } } } }', {
      pets: [{ __typename: 'Cat', name: 'Tom', ownerId: '7' }],
      owner: null,
    });
    expect(data).toEqual({ pets: [{ name: 'Tom', owner: null }] });
    expect(told).toEqual(['pets.0.owner']);
  });
});
