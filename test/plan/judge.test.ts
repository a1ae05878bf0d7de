/** What cannot be evaluated is kept back: of objects, of fields, and of writes before they are done. */
import { GraphQLString, Kind } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { Condition } from '../../gateway/conditions/condition.ts';
import { unknownSituation } from '../../gateway/conditions/situation.ts';
import { Expression, readExpression } from '../../gateway/conditions/when/expression.ts';
import { Judge } from '../../gateway/plan/judge.ts';
import type { FieldGuard, ProjectedValue } from '../../gateway/plan/plan.ts';
import { newCaller } from '../support/delegation.ts';

const readText = 'Query.person(id: args.id)';

function when(text: string, before?: string): Condition {
  const expression = readExpression(text);
  if (!(expression instanceof Expression)) throw new Error(expression.message);
  return { kind: 'when', expression, ...(before !== undefined && { before }) };
}

const conditions = [
  when('object.owner == claims.sub'),
  when('object.owner == claims.sub', readText),
  when('object.isOpen == true'),
  when('parent.owner == claims.sub'),
];
const [ofObject, ofRead, isOpen, ofParent, ofNoPolicy] = [0, 1, 2, 3, 4];

const node = { kind: Kind.FIELD as const, name: { kind: Kind.NAME as const, value: 'ssn' } };
const value: ProjectedValue = {
  ...{
    kind: 'value',
    key: 'ssn',
    rawKey: 'ssn',
    coordinate: 'Person.ssn',
    type: GraphQLString,
    node,
  },
  ...{ mask: undefined, hash: undefined, members: undefined, scalarsOnly: false },
  ...{ classified: undefined, selection: undefined },
};
const keys = { object: 'fgw_', parent: '' };

const judgeOf = (record = { faults: [] as string[] }) =>
  new Judge({
    record,
    conditions,
    caller: newCaller({ sub: 'a' }),
    situation: unknownSituation,
    variables: {},
  });

const guardOf = (condition: number): FieldGuard => ({
  ...{ requires: [condition], choices: [{ condition: undefined, value }], keys, node },
  definition: undefined,
});

const broken = {
  get fgw_owner(): string {
    throw new Error('this row is broken');
  },
};

const rows: { name: string; row: Record<string, unknown>; condition?: number; holds: boolean }[] = [
  { name: 'control: their own', row: { fgw_owner: 'a' }, holds: true },
  { name: "somebody else's", row: { fgw_owner: 'b' }, holds: false },
  { name: 'one that does not say', row: {}, holds: false },
  { name: 'one that cannot be read', row: broken, holds: false },
  {
    name: 'by a condition of no policy',
    row: { fgw_owner: 'a' },
    condition: ofNoPolicy,
    holds: false,
  },
];

describe('an object', () => {
  it.each(rows)('$name', ({ row, condition = ofObject, holds }) => {
    const record = { faults: [] };
    const judge = judgeOf(record);
    const guard = { requires: [{ condition, drops: false }], keys };
    expect(judge.admit(guard, 'Person', row, undefined)).toBe(holds ? 'admit' : 'deny');
    const chosen = judge.choose(guardOf(condition), 'Person.ssn', row, undefined);
    expect(chosen).toBe(holds ? value : undefined);
    expect([...judge.keptBack]).toEqual(holds ? [] : ['Person', 'Person.ssn']);
    const fault = expect.stringMatching(/^Error at .*fgw_owner/);
    expect(record.faults).toEqual(row === broken ? [fault] : []);
  });
});

describe('several conditions', () => {
  const masked: ProjectedValue = { ...value, mask: 'redact' };
  const own = { fgw_owner: 'a', fgw_isOpen: true };
  const ownClosed = { fgw_owner: 'a', fgw_isOpen: false };
  const otherOpen = { fgw_owner: 'b', fgw_isOpen: true };

  it('must all hold of a field', () => {
    const guard = { ...guardOf(ofObject), requires: [ofObject, isOpen] };
    const chosen = (row: object) => judgeOf().choose(guard, 'Person.ssn', { ...row }, undefined);
    expect([own, ownClosed, otherOpen].map(chosen)).toEqual([value, undefined, undefined]);
  });

  it('must all hold of an object, and the first that does not says what becomes of it', () => {
    const requires = [
      { condition: isOpen, drops: true },
      { condition: ofObject, drops: false },
    ];
    const admitted = (row: object) =>
      judgeOf().admit({ requires, keys }, 'Person', { ...row }, undefined);
    expect([own, ownClosed, otherOpen].map(admitted)).toEqual(['admit', 'drop', 'deny']);
  });

  it('choose the first form whose own holds, or none', () => {
    const choices = [
      { condition: ofObject, value },
      { condition: isOpen, value: masked },
    ];
    const guard = { ...guardOf(ofObject), requires: [], choices };
    const chosen = (row: object) => judgeOf().choose(guard, 'Person.ssn', { ...row }, undefined);
    expect([own, ownClosed, otherOpen, {}].map(chosen)).toEqual([value, value, masked, undefined]);
  });

  it('see the object above only where there is one', () => {
    const parentKeys = { object: 'fgw_', parent: 'fgw_' };
    const guard = { requires: [{ condition: ofParent, drops: false }], keys: parentKeys };
    const admitted = (parent?: Record<string, unknown>) =>
      judgeOf().admit(guard, 'Person', { fgw_owner: 'a' }, parent);
    expect(admitted({ fgw_owner: 'a' })).toBe('admit');
    expect(admitted({ fgw_owner: 'b' })).toBe('deny');
    expect(admitted()).toBe('deny');
  });
});

describe('a write', () => {
  it.each(rows)('of $name', ({ row, condition = ofRead, holds }) => {
    const judge = judgeOf();
    const guard = { ...guardOf(condition), before: [] };
    const before = new Map([[readText, [{ source: row, prefix: 'fgw_' }]]]);
    expect(judge.settleWrite(guard, before)).toBe(holds);
    // What it answers with is as it was decided, whatever the answer says of its owner.
    const answer = { fgw_owner: holds ? 'b' : 'a' };
    expect(judge.choose(guard, 'Mutation.rename', answer, undefined)).toBe(
      holds ? value : undefined,
    );
  });

  it('of several objects, of which one is not theirs', () => {
    const own = { source: { fgw_owner: 'a' }, prefix: 'fgw_' };
    const other = { source: { fgw_owner: 'b' }, prefix: 'fgw_' };
    const guard = { ...guardOf(ofRead), before: [] };
    expect(judgeOf().settleWrite(guard, new Map([[readText, [own, own]]]))).toBe(true);
    expect(judgeOf().settleWrite(guard, new Map([[readText, [own, other]]]))).toBe(false);
    expect(judgeOf().settleWrite(guard, new Map([[readText, []]]))).toBe(false);
    expect(judgeOf().settleWrite(guard, new Map())).toBe(false);
  });

  it('that nobody has decided before gives nothing', () => {
    const guard = { ...guardOf(ofRead), before: [] };
    const answer = { fgw_owner: 'a' };
    expect(judgeOf().choose(guard, 'Mutation.rename', answer, undefined)).toBeUndefined();
  });
});
