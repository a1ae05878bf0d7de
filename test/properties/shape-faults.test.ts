/** The check of answers sees what it is there for. */
import { buildSchema } from 'graphql';
import { expect, it } from 'vitest';
import { shapeFaults } from './shape-faults.ts';

const schema = buildSchema('type Query { rows: [Row!] } type Row { id: ID! name: String }');
const operation = { query: '{ rows { id n: name } }', variables: {} };
const faults = (data: Record<string, unknown>, ...paths: (string | number)[][]) => {
  const errors = paths.map((path) => ({ message: '', path, extensions: { code: 'FORBIDDEN' } }));
  const answer = { status: 200, headers: {}, text: '', body: { data, errors } };
  return shapeFaults(answer, operation, schema);
};

it('is content with nulls where they may stand, and errors there', () => {
  expect(faults({ rows: [{ id: '1', n: null }] }, ['rows', 0, 'n'])).toEqual([]);
  expect(faults({ rows: null }, ['rows', 0, 'id'])).toEqual([]);
});

it('tells of nulls in places that promise a value', () => {
  expect(faults({ rows: [null] })).toHaveLength(1);
  expect(faults({ rows: [{ id: null, n: null }] })).toHaveLength(1);
});

it('tells of errors at what was not asked for, and at values', () => {
  expect(faults({ rows: [{ id: '1', n: null }] }, ['rows', 0, 'teams', 0])).toHaveLength(1);
  expect(faults({ rows: [{ id: '1', n: 'x' }] }, ['rows', 0, 'n'])).toHaveLength(1);
});
