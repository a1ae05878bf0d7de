/**
 * Where objects decide: which rows leave their list, what is null in its place, and which failures
 * may be told of. The same of both engines.
 */
import { buildSchema, isObjectType, Kind } from 'graphql';
import { describe, expect, it } from 'vitest';
import { compileProjector } from '../../gateway/compiled/projector.ts';
import type { Condition } from '../../gateway/conditions/condition.ts';
import { unknownSituation } from '../../gateway/conditions/situation.ts';
import { Expression, readExpression } from '../../gateway/conditions/when/expression.ts';
import { createDelivery } from '../../gateway/plan/delivery.ts';
import { Judge } from '../../gateway/plan/judge.ts';
import type { ObjectGuard, ProjectedSelection, ProjectedValue } from '../../gateway/plan/plan.ts';
import type { ResponsePath } from '../../gateway/plan/withheld-paths.ts';
import { project } from '../../gateway/shape/project.ts';
import { newCaller } from '../support/delegation.ts';

const schema = buildSchema(`
  type Query { one: T many: [T] strict: [T!] others: [T] grid: [[T]] }
  type T { id: ID name: String sure: String! inner: [T] }
`);
const expression = readExpression('object.owner == claims.sub');
if (!(expression instanceof Expression)) throw new Error(expression.message);
const conditions: Condition[] = [{ kind: 'when', expression }];
const keys = { object: 'fgw_', parent: '' };

function value(coordinate: string, selection?: ProjectedSelection): ProjectedValue {
  const [owner = '', name = ''] = coordinate.split('.');
  const type = schema.getType(owner);
  const field = isObjectType(type) ? type.getFields()[name] : undefined;
  if (field === undefined) throw new Error(`no ${coordinate}`);
  return {
    ...{ kind: 'value', key: name, rawKey: name, coordinate, type: field.type, selection },
    node: { kind: Kind.FIELD, name: { kind: Kind.NAME, value: name } },
    ...{ mask: undefined, members: undefined, scalarsOnly: false, classified: undefined },
  };
}

/** A field that only the owner has. */
function owned(coordinate: string): ProjectedValue {
  const plain = value(coordinate);
  const choices = [{ condition: undefined, value: plain }];
  const guard = { requires: [0], choices, keys, definition: undefined, node: plain.node };
  return { ...plain, guard };
}

function rows(fields: ProjectedValue[], drops?: boolean): ProjectedSelection {
  const guard: ObjectGuard = { requires: [{ condition: 0, drops: drops === true }], keys };
  return {
    ...{ typeName: 'T', coordinate: 'T', byType: new Map([['T', fields]]) },
    ...(drops !== undefined && { guards: new Map([['T', guard]]) }),
  };
}

const id = value('T.id');
const mine = (id: string, more: object = {}) => ({ id, fgw_owner: 'me', ...more });
const other = (id: string, more: object = {}) => ({ id, fgw_owner: 'you', ...more });

interface Case {
  readonly name: string;
  readonly fields: ProjectedValue[];
  readonly raw: Record<string, unknown>;
  readonly data: unknown;
  /** Paths of FORBIDDEN errors. */
  readonly refused?: ResponsePath[];
  /** Failures of the engine, by where they happened, and where the caller is told of them. */
  readonly told?: [ResponsePath, ResponsePath | undefined][];
}

const cases: Case[] = [
  {
    name: 'rows that are dropped leave their list, and the others are counted anew',
    fields: [value('Query.many', rows([id], true))],
    raw: { many: [other('1'), mine('2'), other('3'), null, mine('4')] },
    data: { many: [{ id: '2' }, null, { id: '4' }] },
    told: [
      [['many', 0, 'id'], undefined],
      [
        ['many', 1, 'id'],
        ['many', 0, 'id'],
      ],
      [['many', 2], undefined],
      [
        ['many', 3],
        ['many', 1],
      ],
      [
        ['many', 4, 'id'],
        ['many', 2, 'id'],
      ],
    ],
  },
  {
    name: 'of a list of rows that may not be null as well',
    fields: [value('Query.strict', rows([id], true))],
    raw: { strict: [other('1'), mine('2')] },
    data: { strict: [{ id: '2' }] },
    told: [
      [
        ['strict', 1, 'id'],
        ['strict', 0, 'id'],
      ],
    ],
  },
  {
    name: 'outside of a list null takes the place of what is dropped, without a word',
    fields: [value('Query.one', rows([id], true))],
    raw: { one: other('1') },
    data: { one: null },
    told: [[['one', 'id'], undefined]],
  },
  {
    name: 'a row that is denied is null, and said to be',
    fields: [value('Query.many', rows([id], false))],
    raw: { many: [other('1'), mine('2')] },
    data: { many: [null, { id: '2' }] },
    refused: [['many', 0]],
    told: [
      [['many', 0, 'id'], undefined],
      [
        ['many', 1, 'id'],
        ['many', 1, 'id'],
      ],
    ],
  },
  {
    name: 'a denied row that may not be null takes its list along',
    fields: [value('Query.strict', rows([id], false))],
    raw: { strict: [mine('1'), other('2')] },
    data: { strict: null },
    refused: [['strict', 1]],
  },
  {
    name: 'a field of some rows, in a list after one that has lost rows',
    fields: [
      value('Query.many', rows([id], true)),
      value('Query.others', rows([id, owned('T.name')])),
    ],
    raw: {
      many: [other('1'), mine('2')],
      others: [mine('3', { name: 'Ada' }), other('4', { name: 'Bob' })],
    },
    data: {
      many: [{ id: '2' }],
      others: [
        { id: '3', name: 'Ada' },
        { id: '4', name: null },
      ],
    },
    refused: [['others', 1, 'name']],
    told: [
      [
        ['others', 0, 'name'],
        ['others', 0, 'name'],
      ],
      [['others', 1, 'name'], undefined],
      [
        ['others', 1, 'id'],
        ['others', 1, 'id'],
      ],
    ],
  },
  {
    name: 'a field that may not be null takes its row along',
    fields: [value('Query.others', rows([id, owned('T.sure')]))],
    raw: { others: [mine('1', { sure: 'x' }), other('2', { sure: 'y' })] },
    data: { others: [{ id: '1', sure: 'x' }, null] },
    refused: [['others', 1, 'sure']],
    told: [[['others', 1, 'sure'], undefined]],
  },
  {
    name: 'something that is no row is null in its list',
    fields: [value('Query.many', rows([id], true))],
    raw: { many: ['x', mine('2')] },
    data: { many: [null, { id: '2' }] },
  },
  {
    name: 'a field is refused whether or not it has a value',
    fields: [value('Query.one', rows([owned('T.name')]))],
    raw: { one: other('1') },
    data: { one: { name: null } },
    refused: [['one', 'name']],
  },
  {
    name: 'rows of rows leave their own lists',
    fields: [value('Query.many', rows([id, value('T.inner', rows([id], true))], true))],
    raw: {
      many: [other('1', { inner: [] }), mine('2', { inner: [other('3'), mine('4')] })],
    },
    data: { many: [{ id: '2', inner: [{ id: '4' }] }] },
    told: [
      [['many', 1, 'inner', 0, 'id'], undefined],
      [
        ['many', 1, 'inner', 1, 'id'],
        ['many', 0, 'inner', 0, 'id'],
      ],
    ],
  },
  {
    name: 'and lists of lists keep theirs',
    fields: [value('Query.grid', rows([id], true))],
    raw: { grid: [[other('1')], null, [mine('2'), other('3'), mine('4')]] },
    data: { grid: [[], null, [{ id: '2' }, { id: '4' }]] },
    told: [
      [['grid', 0, 0, 'id'], undefined],
      [
        ['grid', 2, 2, 'id'],
        ['grid', 2, 1, 'id'],
      ],
    ],
  },
];

const engines: { engine: string; project: typeof project }[] = [
  { engine: 'reference', project },
  {
    engine: 'compiled',
    project: (selection, raw, delivery) => compileProjector(selection)(raw, delivery),
  },
];

describe.each(engines)('by the $engine engine', ({ project }) => {
  it.each(cases)('$name', ({ fields, raw, data, refused = [], told = [] }) => {
    const judge = new Judge({
      ...{ conditions, caller: newCaller({ sub: 'me' }), situation: unknownSituation },
      variables: {},
    });
    const selection = { ...rows([]), typeName: 'Query', byType: new Map([['Query', fields]]) };
    const projected = project(selection, raw, createDelivery({ judge }));
    expect(JSON.parse(JSON.stringify(projected.data))).toEqual(data);
    expect(projected.errors.map((text) => JSON.parse(text).path)).toEqual(refused);
    for (const [path, wanted] of told) {
      const [seen] = judge.places.visibleFailures([{ path }]);
      expect([path, seen?.path]).toEqual([path, wanted]);
    }
  });
});
