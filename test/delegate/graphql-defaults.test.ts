/** Upstreams whose arguments have lists and objects of custom scalars as defaults. */
import { getIntrospectionQuery } from 'graphql';
import { describe, expect, it } from 'vitest';
import { testGateway } from '../support/gateway.ts';

const sdl = `
  scalar JSON
  interface Named { name(how: JSON = { upper: true }): String }
  type Query {
    find(options: JSON! = {}, tags: JSON = [], filter: Filter = { where: { a: [1] } }): Person
    plain(first: JSON = 3, kinds: [JSON!] = ["a"]): Int
  }
  type Person implements Named { name(how: JSON = { upper: true }): String }
  input Filter { where: JSON = { all: [] }, limit: Int = 10 }`;

const rules = `
version: 1
rules:
  - { name: open, fields: { Query: [find, plain], Person: [name], Named: ["*"] }, allow: everyone }
`;

describe.each(['compiled', 'reference'] as const)('%s', (engine) => {
  const open = () =>
    testGateway({
      engine,
      upstreams: { hr: { sdl, answer: () => ({ data: { find: { name: 'Ada' }, plain: 1 } }) } },
      rules,
    });

  it('leaves them to the upstream', async () => {
    const gateway = await open();
    const { body } = await gateway.query('{ find { name } }');
    expect(body).toEqual({ data: { find: { name: 'Ada' } } });
    expect(gateway.requests).toHaveLength(1);
    expect(JSON.stringify(gateway.requests)).not.toMatch(/options|tags|filter|how/);
    await gateway.close();
  });

  it('sends what is given in their place', async () => {
    const gateway = await open();
    await gateway.query(
      'query ($o: JSON) { find(options: $o, filter: { where: { b: 2 } }) { name } }',
      {
        variables: { o: { deep: [1] } },
      },
    );
    const sent = JSON.stringify(gateway.requests);
    expect(sent).toContain('"deep":[1]');
    expect(sent).toMatch(/b"?: ?2/);
    await gateway.close();
  });

  it('shows the others, and answers introspection', async () => {
    const gateway = await open();
    const { body } = await gateway.query(
      '{ __type(name: "Query") { fields { args { name defaultValue } } } }',
    );
    const args = (Object(body.data).__type.fields as { args: unknown[] }[]).flatMap(
      (one) => one.args,
    );
    expect(args).toEqual([
      { name: 'options', defaultValue: null },
      { name: 'tags', defaultValue: null },
      { name: 'filter', defaultValue: null },
      { name: 'first', defaultValue: '3' },
      { name: 'kinds', defaultValue: '["a"]' },
    ]);
    const whole = await gateway.query(getIntrospectionQuery());
    expect(whole.body.errors).toBeUndefined();
    await gateway.close();
  });
});
