/**
 * What leaves is what the plan names: the caller's keys in their order, nulls where they belong.
 * The same of both engines.
 */
import { buildSchema, type GraphQLOutputType, isObjectType, Kind } from 'graphql';
import { describe, expect, test } from 'vitest';
import { compileProjector } from '../../gateway/compiled/projector.ts';
import type { PublicError } from '../../gateway/decision.ts';
import { createDelivery, type Projected } from '../../gateway/plan/delivery.ts';
import type {
  ProjectedField,
  ProjectedSelection,
  ProjectedValue,
} from '../../gateway/plan/plan.ts';
import { forbiddenErrorsMax } from '../../gateway/refusal-errors.ts';
import { project } from '../../gateway/shape/project.ts';

const schema = buildSchema(`
  type Query {
    a: String b: Int strict: String! list: [Int] strictItems: [Int!] all: [Int!]! grid: [[Int!]!] loose: [[Int]] tgrid: [[T]] texts: [String]
    t: T strictT: T! ts: [T] strictTs: [T!] allTs: [T!]! any: N anys: [N!] json: JSON jsons: [JSON] constructor: String
    level: Level levels: [Level!]
  }
  interface N { id: ID } type T implements N { id: ID! x: String y: String! t: T } type U implements N { id: ID z: Int }
  scalar JSON enum Level { LOW HIGH }
`);

function typeOf(coordinate: string): GraphQLOutputType {
  const [owner = '', name = ''] = coordinate.split('.');
  const type = schema.getType(owner);
  const field = isObjectType(type) ? type.getFields()[name] : undefined;
  if (field === undefined) throw new Error(`no ${coordinate}`);
  return field.type;
}

const value = (coordinate: string, about: Partial<ProjectedValue> = {}): ProjectedValue => {
  const name = coordinate.split('.')[1] ?? '';
  return {
    kind: 'value',
    key: name,
    rawKey: name,
    coordinate,
    node: { kind: Kind.FIELD, name: { kind: Kind.NAME, value: name } },
    type: typeOf(coordinate),
    mask: undefined,
    scalarsOnly: false,
    classified: undefined,
    selection: undefined,
    ...about,
  };
};
const denied = (coordinate: string, key = coordinate.split('.')[1] ?? ''): ProjectedField => ({
  kind: 'denied',
  key,
  coordinate,
});
const object = (type: string, fields: ProjectedField[], coordinate = type): ProjectedSelection => ({
  typeName: type,
  byType: new Map([[type, fields]]),
  coordinate,
});
const query = (...fields: ProjectedField[]): ProjectedSelection => object('Query', fields);
const t = (coordinate: string, ...fields: ProjectedField[]): ProjectedValue =>
  value(coordinate, { selection: object('T', fields, coordinate) });
const either = (coordinate: string, fields: Record<string, ProjectedField[]>): ProjectedValue =>
  value(coordinate, {
    selection: { typeName: undefined, byType: new Map(Object.entries(fields)), coordinate },
  });

interface Case {
  name: string;
  given: { selection: ProjectedSelection; raw: unknown };
  /** As JSON, so that the order of keys counts. */
  expect: unknown;
  errors?: [path: (string | number)[], coordinate: string][];
  masked?: string[];
}

const shapes: Case[] = [
  {
    name: 'the caller’s keys in the caller’s order',
    given: {
      selection: query(value('Query.b', { key: 'z', rawKey: 'fg_z' }), value('Query.a'), {
        kind: 'typename',
        key: 'kind',
      }),
      raw: { a: 'x', fg_z: 1 },
    },
    expect: { z: 1, a: 'x', kind: 'Query' },
  },
  {
    name: 'nothing that the plan does not name',
    given: {
      selection: query(value('Query.a'), t('Query.t', value('T.id'))),
      raw: { a: 'x', secret: 1, t: { id: '1', ssn: '2' } },
    },
    expect: { a: 'x', t: { id: '1' } },
  },
  {
    name: 'null for what is missing',
    given: {
      selection: query(value('Query.a'), value('Query.list'), t('Query.t', value('T.x'))),
      raw: {},
    },
    expect: { a: null, list: null, t: null },
  },
  {
    name: 'what an object inherits is missing',
    given: { selection: query(value('Query.constructor')), raw: {} },
    expect: { constructor: null },
  },
  {
    name: 'false, zero and the empty text are values',
    given: {
      selection: query(value('Query.a'), value('Query.b'), value('Query.json')),
      raw: { a: '', b: 0, json: false },
    },
    expect: { a: '', b: 0, json: false },
  },
  {
    name: 'lists of lists',
    given: {
      selection: query(value('Query.loose')),
      raw: { loose: [[1, null], [], null, 7, [3]] },
    },
    expect: { loose: [[1, null], [], null, null, [3]] },
  },
  {
    name: 'something else where a list should be',
    given: {
      selection: query(value('Query.list'), t('Query.ts', value('T.id'))),
      raw: { list: 1, ts: { id: '1' } },
    },
    expect: { list: null, ts: null },
  },
  {
    name: 'something else where an object should be',
    given: {
      selection: query(t('Query.t', value('T.id')), t('Query.ts', value('T.id'))),
      raw: { t: 'x', ts: ['x', [{ id: '1' }], 7] },
    },
    expect: { t: null, ts: [null, null, null] },
  },
  {
    name: 'no result at all',
    given: { selection: query(value('Query.a')), raw: null },
    expect: null,
  },
  {
    name: 'a list as the result',
    given: { selection: query(value('Query.a')), raw: [] },
    expect: null,
  },
];

const nulls: Case[] = [
  {
    name: 'a null in a place without takes its object away',
    given: {
      selection: query(value('Query.a'), t('Query.t', value('T.id'), value('T.x'))),
      raw: { a: 'x', t: { id: null, x: 'y' } },
    },
    expect: { a: 'x', t: null },
  },
  {
    name: 'up to the next place that may be null',
    given: {
      selection: query(t('Query.t', t('T.t', value('T.y'))), t('Query.strictT', value('T.x'))),
      raw: { t: { t: {} }, strictT: { x: 'x' } },
    },
    expect: { t: { t: null }, strictT: { x: 'x' } },
  },
  {
    name: 'up to the top',
    given: { selection: query(value('Query.a'), value('Query.strict')), raw: { a: 'x' } },
    expect: null,
  },
  {
    name: 'an object at the top',
    given: {
      selection: query(value('Query.a'), t('Query.strictT', value('T.id'))),
      raw: { a: 'x', strictT: null },
    },
    expect: null,
  },
  {
    name: 'an item takes its list',
    given: { selection: query(value('Query.strictItems')), raw: { strictItems: [1, null] } },
    expect: { strictItems: null },
  },
  {
    name: 'an item that may be null does not',
    given: { selection: query(value('Query.list')), raw: { list: [1, null] } },
    expect: { list: [1, null] },
  },
  {
    name: 'a list that may not be null takes what holds it',
    given: { selection: query(value('Query.all')), raw: { all: [null] } },
    expect: null,
  },
  {
    name: 'an inner list takes the outer',
    given: { selection: query(value('Query.grid')), raw: { grid: [[1], [null]] } },
    expect: { grid: null },
  },
  {
    name: 'rows: each by itself, or all',
    given: {
      selection: query(t('Query.ts', value('T.id')), t('Query.strictTs', value('T.id'))),
      raw: { ts: [{ id: '1' }, {}], strictTs: [{ id: '1' }, {}] },
    },
    expect: { ts: [{ id: '1' }, null], strictTs: null },
  },
];

const refusals: Case[] = [
  {
    name: 'a refused field at each of its places',
    given: {
      selection: query(t('Query.ts', denied('T.x', 'n'), value('T.id'))),
      raw: { ts: [{ id: '1', n: 'no', x: 'no' }, null, { id: '2' }] },
    },
    expect: { ts: [{ n: null, id: '1' }, null, { n: null, id: '2' }] },
    errors: [
      [['ts', 0, 'n'], 'T.x'],
      [['ts', 2, 'n'], 'T.x'],
    ],
  },
  {
    name: 'in lists of lists',
    given: {
      selection: query(t('Query.tgrid', denied('T.x'))),
      raw: { tgrid: [[{ x: 'no' }], null, [null, {}]] },
    },
    expect: { tgrid: [[{ x: null }], null, [null, { x: null }]] },
    errors: [
      [['tgrid', 0, 0, 'x'], 'T.x'],
      [['tgrid', 2, 1, 'x'], 'T.x'],
    ],
  },
  {
    name: 'a concrete type by its name',
    given: {
      selection: query(
        either('Query.anys', {
          T: [{ kind: 'typename', key: 'is' }, value('T.id')],
          U: [value('U.z', { key: 'id', rawKey: 'fg1_id' })],
        }),
      ),
      raw: {
        anys: [
          { __typename: 'U', fg1_id: 7, id: 'no' },
          { __typename: 'T', id: '1', fg1_id: 8 },
        ],
      },
    },
    expect: { anys: [{ id: 7 }, { is: 'T', id: '1' }] },
  },
  ...[undefined, 'X', 'Query', '__proto__', 'constructor', 1, null].map(
    (typeName): Case => ({
      name: `an object of the type ${typeName} that nobody planned`,
      given: {
        selection: query(either('Query.any', { T: [value('T.id')] })),
        raw: { any: { __typename: typeName, id: '1' } },
      },
      expect: { any: null },
      errors: [[['any'], 'Query.any']],
    }),
  ),
  {
    name: 'in a list without nulls it takes the list',
    given: {
      selection: query(either('Query.anys', { T: [value('T.id')] })),
      raw: {
        anys: [
          { __typename: 'T', id: '1' },
          { __typename: 'X', id: '2' },
        ],
      },
    },
    expect: { anys: null },
    errors: [[['anys', 1], 'Query.anys']],
  },
  {
    name: 'a type that an upstream claims does not count where it is known',
    given: {
      selection: query(t('Query.t', value('T.id'), { kind: 'typename', key: 'k' })),
      raw: { t: { __typename: 'U', id: '1' } },
    },
    expect: { t: { id: '1', k: 'T' } },
  },
  {
    name: 'structures under a wide grant',
    given: {
      selection: query(
        value('Query.json', { scalarsOnly: true }),
        value('Query.jsons', { scalarsOnly: true }),
      ),
      raw: { json: { ssn: 1 }, jsons: ['x', { ssn: 1 }, [1], 7, null] },
    },
    expect: { json: null, jsons: ['x', null, null, 7, null] },
    errors: [
      [['json'], 'Query.json'],
      [['jsons', 1], 'Query.jsons'],
      [['jsons', 2], 'Query.jsons'],
    ],
  },
  {
    name: 'values of an enum that the caller does not know',
    given: {
      selection: query(
        value('Query.level', { members: new Set(['LOW']) }),
        value('Query.levels', { members: new Set(['LOW']) }),
      ),
      raw: { level: 'HIGH', levels: ['LOW', 'HIGH'] },
    },
    expect: { level: null, levels: null },
    errors: [
      [['level'], 'Query.level'],
      [['levels', 1], 'Query.levels'],
    ],
  },
  {
    name: 'values of an enum that the caller knows',
    given: {
      selection: query(value('Query.levels', { members: new Set(['LOW']) })),
      raw: { levels: ['LOW', 'LOW'] },
    },
    expect: { levels: ['LOW', 'LOW'] },
  },
  {
    name: 'structures under their own name',
    given: { selection: query(value('Query.json')), raw: { json: { ssn: [1] } } },
    expect: { json: { ssn: [1] } },
  },
  {
    name: 'masks, in lists too; null stays null',
    given: {
      selection: query(
        value('Query.a', { mask: 'last4' }),
        value('Query.texts', { mask: 'redact' }),
        value('Query.b', { mask: 'last4' }),
      ),
      raw: { a: '900-11-2222', texts: ['x', null], b: null },
    },
    expect: { a: '•••••••2222', texts: ['•••••', null], b: null },
    masked: ['Query.a', 'Query.texts'],
  },
  {
    name: 'a mask on what is no text',
    given: {
      selection: query(
        value('Query.a', { mask: 'last4' }),
        value('Query.texts', { mask: 'last4' }),
      ),
      raw: { a: 9001122222, texts: [true] },
    },
    expect: { a: '••••••2222', texts: ['•••••'] },
    masked: ['Query.a', 'Query.texts'],
  },
];

const engines: { engine: string; project: typeof project }[] = [
  { engine: 'reference', project },
  {
    engine: 'compiled',
    project: (selection, raw, delivery) => compileProjector(selection)(raw, delivery),
  },
];

const errorsOf = ({ errors }: Projected): PublicError[] => JSON.parse(`[${errors.join(',')}]`);

describe.each(engines)('by the $engine engine', ({ project }) => {
  describe.each([
    { part: 'shape', cases: shapes },
    { part: 'nulls', cases: nulls },
    { part: 'refusals and masks', cases: refusals },
  ])('$part', ({ cases }) => {
    test.each(cases)('$name', ({ given, expect: wanted, errors = [], masked = [] }) => {
      const projected = project(given.selection, given.raw, createDelivery());
      expect(JSON.stringify(projected.data)).toBe(JSON.stringify(wanted));
      const told = errorsOf(projected);
      expect(told.map(({ path, extensions }) => [path, extensions.coordinate])).toEqual(errors);
      expect(told.every(({ extensions }) => extensions.code === 'FORBIDDEN')).toBe(true);
      expect(projected.masked).toEqual(masked);
    });
  });

  describe('what is lost with what it stands in', () => {
    const fields = [value('T.x', { classified: 0 }), value('T.y')];
    const listOf = (about: Partial<ProjectedSelection>) =>
      query(
        value('Query.strictTs', {
          selection: { ...object('T', fields, 'Query.strictTs'), ...about },
        }),
      );
    const lists = [
      { name: 'a list', selection: listOf({}) },
      { name: 'a list that rows may leave', selection: listOf({ guards: new Map() }) },
    ];
    const whole = { x: 'a', y: 'b' };

    test('in an object is not counted', () => {
      const delivery = createDelivery();
      const selection = query(t('Query.t', ...fields));
      expect(project(selection, { t: { x: 'a', y: null } }, delivery).data).toEqual({ t: null });
      expect(delivery.tally.slots).toEqual([]);
    });

    test.each(lists)('in $name is not counted', ({ selection }) => {
      const delivery = createDelivery();
      const raw = { strictTs: [whole, { x: 'c', y: null }, whole] };
      expect(project(selection, raw, delivery).data).toEqual({ strictTs: null });
      expect(delivery.tally.slots).toEqual([]);
    });

    test.each(lists)('control: in $name that is whole, it is', ({ selection }) => {
      const delivery = createDelivery();
      expect(project(selection, { strictTs: [whole, whole] }, delivery).data).toEqual({
        strictTs: [whole, whole],
      });
      expect(delivery.tally.slots).toEqual([0, 0]);
    });
  });

  describe('keys of the prototype', () => {
    const raw = JSON.parse('{"fg___proto__":{"id":"1"},"fg_constructor":"x"}');

    test('are keys like any other', () => {
      const selection = query(
        { ...t('Query.t', value('T.id')), key: '__proto__', rawKey: 'fg___proto__' },
        value('Query.a', { key: 'constructor', rawKey: 'fg_constructor' }),
        denied('Query.b', 'toString'),
      );
      const { data } = project(selection, raw, createDelivery());
      expect(JSON.stringify(data)).toBe(
        '{"__proto__":{"id":"1"},"constructor":"x","toString":null}',
      );
      expect(({} as { id?: unknown }).id).toBeUndefined();
    });

    test('of an upstream bring nothing in', () => {
      const hostile = JSON.parse('{"__proto__":{"a":"x"},"t":{"__proto__":{"x":"y"},"id":"1"}}');
      const selection = query(value('Query.a'), t('Query.t', value('T.id'), value('T.x')));
      expect(JSON.stringify(project(selection, hostile, createDelivery()).data)).toBe(
        '{"a":null,"t":{"id":"1","x":null}}',
      );
    });
  });

  describe('what objects decide', () => {
    const keys = { object: 'fgw_', parent: '' };
    const a = value('Query.a');
    const selection = query(
      {
        ...a,
        guard: {
          ...{ requires: [], keys, definition: undefined, node: a.node },
          choices: [{ condition: undefined, value: a }],
        },
      },
      value('Query.ts', {
        selection: {
          ...object('T', [value('T.id')], 'Query.ts'),
          guards: new Map([['T', { requires: [{ condition: 0, drops: true }], keys }]]),
        },
      }),
    );
    const raw = { a: 'x', ts: [{ id: '1' }] };

    test('stays where there is nobody to ask', () => {
      const projected = project(selection, raw, createDelivery());
      expect(projected.data).toEqual({ a: null, ts: [null] });
      expect(errorsOf(projected).map(({ path, extensions }) => [path, extensions.code])).toEqual([
        [['a'], 'FORBIDDEN'],
        [['ts', 0], 'FORBIDDEN'],
      ]);
    });
  });

  describe('introspection', () => {
    const selection = query(
      { kind: 'introspection', key: 's', rawKey: 'fg0_s' },
      value('Query.a'),
      {
        kind: 'introspection',
        key: '__proto__',
        rawKey: 'fg1___proto__',
      },
    );
    test('is put in its place', () => {
      const introspected = { fg0_s: { types: [] }, fg1___proto__: { name: 'T' } };
      expect(
        JSON.stringify(
          project(selection, { a: 'x', s: 'no' }, createDelivery({ introspection: introspected }))
            .data,
        ),
      ).toBe('{"s":{"types":[]},"a":"x","__proto__":{"name":"T"}}');
    });
  });

  describe('FORBIDDEN errors', () => {
    const rows = (count: number) => ({ ts: Array.from({ length: count }, () => ({ id: '1' })) });
    const selection = query(t('Query.ts', denied('T.x')));

    test.each([0, 1, forbiddenErrorsMax])('%i are listed one by one', (count) => {
      const errors = errorsOf(project(selection, rows(count), createDelivery()));
      expect(errors).toHaveLength(count);
      expect(
        errors.every(({ path, extensions }) => path !== undefined && !('omitted' in extensions)),
      ).toBe(true);
    });

    test('of more, one more entry counts the rest', () => {
      const projected = project(selection, rows(forbiddenErrorsMax + 23), createDelivery());
      const { data } = projected;
      const errors = errorsOf(projected);
      expect(errors).toHaveLength(forbiddenErrorsMax + 1);
      expect(errors.at(-1)).toMatchObject({ extensions: { code: 'FORBIDDEN', omitted: 23 } });
      expect(errors.at(-1)?.path).toBeUndefined();
      expect(data?.ts).toHaveLength(forbiddenErrorsMax + 23);
    });

    test('of masks do not count', () => {
      const masking = query(t('Query.ts', value('T.x', { mask: 'redact' })));
      const raw = { ts: Array.from({ length: 200 }, () => ({ x: 'secret' })) };
      expect(project(masking, raw, createDelivery())).toMatchObject({
        errors: [],
        masked: ['T.x'],
      });
    });
  });
});
