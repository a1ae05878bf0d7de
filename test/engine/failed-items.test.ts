/**
 * Two failures in one list, one of an item and one below an item before it: the executor must not
 * leave either to nobody, whatever the order in which they fail.
 */
import { setImmediate } from 'node:timers/promises';
import { buildSchema, isObjectType, parse } from 'graphql';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DelegationContext } from '../../gateway/delegate/upstream.ts';
import { UpstreamFailure } from '../../gateway/errors.ts';
import type { RequestRecord } from '../../gateway/request.ts';
import { newOperation } from '../support/new-operation.ts';
import { createRawEngine } from '../support/raw-engine.ts';

const unawaited: unknown[] = [];
const note = (failure: unknown): void => {
  unawaited.push(failure);
};
beforeEach(() => {
  unawaited.length = 0;
  process.on('unhandledRejection', note);
});
afterEach(() => {
  process.off('unhandledRejection', note);
});

const failed = new UpstreamFailure({ upstream: 'hris', why: 'played' });
const good = { a: 'x' };
const bad = { a: failed };

function engineOf(value: unknown) {
  const schema = buildSchema(`
    type Query { strict: [T!] loose: [T] nested: [[T!]!] } type T { a: String! b: String }
  `);
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      // As behind the second lock: every field is answered later.
      field.resolve = async (source) => (type.name === 'Query' ? value : source[field.name]);
    }
  }
  return createRawEngine({ schema, depthMax: 10 });
}

const context: DelegationContext = {
  record: {} as RequestRecord,
  signal: new AbortController().signal,
  deadlineMs: Number.MAX_SAFE_INTEGER,
  inboundHeaders: {},
};

const operationOf = (field: string) =>
  newOperation('query', { document: parse(`{ ${field} { a b } }`) });

const cases = [
  { field: 'strict', given: [bad, failed], expect: null, places: [['strict']] },
  { field: 'strict', given: [bad, null], expect: null, places: [['strict']] },
  { field: 'strict', given: [failed, bad], expect: null, places: [['strict']] },
  { field: 'strict', given: [good, bad, bad], expect: null, places: [['strict']] },
  {
    field: 'loose',
    given: [bad, failed, null, good],
    expect: [null, null, null, { a: 'x', b: null }],
    places: [
      ['loose', 0],
      ['loose', 1],
    ],
  },
  { field: 'nested', given: [[bad], [good, failed], [bad]], expect: null, places: [['nested']] },
  { field: 'nested', given: [[bad], failed], expect: null, places: [['nested']] },
];

test.each(cases)('$field, case $#', async ({ field, given, expect: wanted, places }) => {
  const engine = engineOf(given);
  const { data, errors } = await engine.execute(operationOf(field), {}, context);
  expect(JSON.parse(JSON.stringify(data))).toEqual({ [field]: wanted });
  // One failure for each place that was lost.
  const told = errors.map(({ path = [] }) => path.slice(0, wanted === null ? 1 : 2));
  expect(told.sort()).toEqual(places);
  // Node tells of a rejection that nobody awaits when its microtasks are done.
  await setImmediate();
  expect(unawaited).toEqual([]);
});
