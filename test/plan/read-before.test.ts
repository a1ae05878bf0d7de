/** What is read before a write: what is not asked at all, and which answers say nothing. */
import { buildSchema, type FieldNode, GraphQLID, OperationTypeNode, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { Condition } from '../../gateway/conditions/condition.ts';
import { unknownSituation } from '../../gateway/conditions/situation.ts';
import { Expression, readExpression } from '../../gateway/conditions/when/expression.ts';
import type { EngineError } from '../../gateway/engine.ts';
import { Judge } from '../../gateway/plan/judge.ts';
import type { PinnedVariable } from '../../gateway/plan/pinned.ts';
import type { FieldGuard, ProjectedValue, SentAs } from '../../gateway/plan/plan.ts';
import { keysReadMax, mayWrite, type ReadFailure } from '../../gateway/plan/read-before.ts';
import { newCaller } from '../support/delegation.ts';

const schema = buildSchema(`
  scalar Long
  type Query { a: Int }
  type Mutation { retire(ids: [ID], id: ID, number: Long): Boolean }
`);
const definition = schema.getMutationType()?.getFields().retire;
if (definition === undefined) throw new Error('no such field');
const long = schema.getType('Long') as SentAs['leaf'];

const expression = readExpression('object.boss == claims.sub');
if (!(expression instanceof Expression)) throw new Error(expression.message);
const read = 'Query.staff(id: args.id)';
const conditions: Condition[] = [{ kind: 'when', expression, before: read }];

function fieldOf(text: string): FieldNode {
  const [definition] = parse(text).definitions;
  const selections =
    definition?.kind === 'OperationDefinition' ? definition.selectionSet.selections : [];
  const [node] = selections;
  if (node?.kind !== 'Field') throw new Error('no field');
  return node;
}

/** What is asked, and whether the write is done, where an upstream answers with what is given. */
async function write(about: {
  given: string;
  as: SentAs['as'];
  isList?: boolean;
  rows: (asked: unknown) => unknown;
  failures?: ReadFailure[];
  pins?: PinnedVariable[];
  signal?: AbortSignal;
}) {
  const { given, as, isList = false, rows, signal = new AbortController().signal } = about;
  const { failures = [], pins = [] } = about;
  const node = fieldOf(`mutation { retire(${given}) }`);
  const path = [node.arguments?.[0]?.name.value ?? ''];
  const leaf = as === 'same' ? long : GraphQLID;
  const value = { coordinate: 'Mutation.retire', key: 'retire', rawKey: 'retire' };
  const guard: FieldGuard = {
    requires: [0],
    choices: [{ condition: undefined, value: value as ProjectedValue }],
    keys: { object: '', parent: '' },
    node,
    definition,
    before: [
      {
        read,
        operation: { type: OperationTypeNode.QUERY, document: undefined, variableNames: [], pins },
        rawKey: 'fgw_staff',
        isList,
        given: [{ variable: 'fgr0', path, stated: 'fgw_id', isList, as, leaf }],
        prefix: 'fgw_',
      },
    ],
  };
  const judge = new Judge({
    conditions,
    caller: newCaller({ sub: 'me' }),
    situation: unknownSituation,
    variables: {},
  });
  const asked: unknown[] = [];
  const errors: EngineError[] = [];
  const isDone = await mayWrite('retire', guard, {
    judge,
    signal,
    errors,
    ask: async (_, { fgr0 }) => {
      asked.push(fgr0);
      return { data: { fgw_staff: rows(fgr0) }, failures };
    },
  });
  // What a later failure at the refused write would tell.
  const told = judge.places.visibleFailures([{ path: ['retire', 'id'] }]);
  return { isDone, asked, errors, keptBack: [...judge.keptBack], told: told.length };
}

const kept = { keptBack: ['Mutation.retire'], told: 0 };
const notKept = { keptBack: [], told: 1 };

const mine = (id: unknown) => ({ fgw_boss: 'me', fgw_id: id });
const each = (ids: unknown) => (ids as unknown[]).map(mine);
const idsOf = (count: number) => `ids: [${Array.from({ length: count }, (_, at) => at + 1)}]`;

describe('is not asked', () => {
  const cases: { name: string; given: string; as?: SentAs['as']; isList?: boolean }[] = [
    { name: 'for nothing', given: 'id: null' },
    { name: 'for empty text, which services read as everything', given: 'id: ""' },
    { name: 'for an empty list', given: 'ids: []', isList: true },
    { name: 'for empty text in a list', given: 'ids: ["1", ""]', isList: true },
    { name: 'for more keys than one read takes', given: idsOf(keysReadMax + 1), isList: true },
    { name: 'for a list where one is meant', given: 'ids: ["1"]' },
    { name: 'for text where a number is meant', given: 'id: "1x"', as: 'number' },
    { name: 'for a number in another spelling', given: 'id: "01"', as: 'number' },
    { name: 'for a number with a fraction', given: 'id: "1.5"', as: 'number' },
    { name: 'for a number that is not exact', given: 'id: "9007199254740992"', as: 'number' },
    { name: 'for an object where a key is meant', given: 'number: { a: 1 }' },
    { name: 'for a number that was rounded', given: 'number: 9007199254740993', as: 'same' },
  ];
  it.each(cases)('$name', async ({ given, as = 'text', isList = false }) => {
    const rows = isList ? each : mine;
    expect(await write({ given, as, isList, rows })).toEqual({
      ...{ isDone: false, asked: [], errors: [] },
      ...kept,
    });
  });

  it('for a caller without the claim that is pinned into it', async () => {
    const pin = { variable: 'fg_pin0', coordinate: 'Query.staff(tenant:)' } as const;
    const pins: PinnedVariable[] = [{ ...pin, claim: ['tenant'], of: 'ID', isList: false }];
    const { asked, errors, isDone } = await write({ given: 'id: 1', as: 'text', rows: mine, pins });
    expect([isDone, asked, errors]).toEqual([false, [], []]);
  });
});

describe('is asked, and grants', () => {
  const cases: { name: string; given: string; as: SentAs['as']; asked: unknown }[] = [
    { name: 'one', given: 'id: 1', as: 'text', asked: '1' },
    { name: 'one by its number', given: 'id: "1"', as: 'number', asked: 1 },
    {
      name: 'one of a scalar as it is',
      given: 'number: 9007199254740991',
      as: 'same',
      asked: 9007199254740991,
    },
  ];
  it.each(cases)('$name', async ({ given, as, asked }) => {
    expect(await write({ given, as, rows: mine })).toEqual({
      ...{ isDone: true, asked: [asked], errors: [] },
      ...notKept,
    });
  });

  it('as many as one read takes', async () => {
    const { isDone } = await write({
      given: idsOf(keysReadMax),
      as: 'text',
      isList: true,
      rows: each,
    });
    expect(isDone).toBe(true);
  });
});

describe('grants nothing by', () => {
  const cases: { name: string; isList: boolean; rows: (asked: unknown) => unknown }[] = [
    { name: 'a list for one', isList: false, rows: (id) => [mine(id)] },
    { name: 'one for a list', isList: true, rows: () => mine('1') },
    { name: 'one of two', isList: true, rows: (ids) => each(ids).slice(1) },
    { name: 'another', isList: false, rows: () => mine('2') },
    { name: 'another beside one of two', isList: true, rows: () => each(['1', '3']) },
    {
      name: 'one beside one of two that does not say',
      isList: true,
      rows: () => [mine('1'), mine(null)],
    },
    { name: 'one that states a list', isList: false, rows: () => mine(['1']) },
    { name: 'nothing', isList: false, rows: () => null },
    { name: 'no list', isList: true, rows: () => null },
  ];
  it.each(cases)('$name', async ({ isList, rows }) => {
    const given = isList ? 'ids: ["1", "2"]' : 'id: "1"';
    const { asked: _, ...rest } = await write({ given, as: 'text', isList, rows });
    expect(rest).toEqual({ isDone: false, errors: [], ...kept });
  });

  it('what they asked for, beside a failure, which is told', async () => {
    const failure: ReadFailure = { code: 'UPSTREAM_FAILED', why: 'why' };
    const { asked: _, ...rest } = await write({
      ...{ given: 'id: "1"', as: 'text', rows: mine },
      failures: [failure],
    });
    expect(rest).toEqual({ isDone: false, errors: [{ ...failure, path: ['retire'] }], ...kept });
  });

  it('a read that throws, which is a fault of ours', async () => {
    const rows = () => {
      throw new Error('a secret');
    };
    const { asked: _, errors, ...rest } = await write({ given: 'id: "1"', as: 'text', rows });
    expect(rest).toEqual({ isDone: false, ...kept });
    expect(errors).toMatchObject([{ code: 'INTERNAL', path: ['retire'] }]);
    expect(JSON.stringify(errors)).not.toContain('a secret');
  });

  it('an answer that came after its caller had left', async () => {
    const leaving = new AbortController();
    const rows = (id: unknown) => {
      leaving.abort();
      return mine(id);
    };
    const { isDone } = await write({ given: 'id: "1"', as: 'text', rows, signal: leaving.signal });
    expect(isDone).toBe(false);
  });
});
