/** What of failures is told where something was kept back: never inside of it, and at the caller's indexes. */
import { expect, it } from 'vitest';
import { type ResponsePath, WithheldPaths } from '../../gateway/plan/withheld-paths.ts';

const cases: {
  name: string;
  kept?: ResponsePath[];
  rows?: ResponsePath[];
  given: ResponsePath;
  expect: ResponsePath | undefined;
}[] = [
  { name: 'nothing was', given: ['a', 3, 'b'], expect: ['a', 3, 'b'] },
  { name: 'in a field', kept: [['a', 3, 'b']], given: ['a', 3, 'b'], expect: undefined },
  { name: 'below a field', kept: [['a', 3]], given: ['a', 3, 'b', 0, 'c'], expect: undefined },
  { name: 'below a root field', kept: [['a']], given: ['a', 3, 'b'], expect: undefined },
  { name: 'beside a field', kept: [['a', 3, 'c']], given: ['a', 3, 'b'], expect: ['a', 3, 'b'] },
  { name: 'above a field', kept: [['a', 3, 'b']], given: ['a', 3], expect: ['a', 3] },
  { name: 'in a row that left', rows: [['a', 3]], given: ['a', 3, 'b'], expect: undefined },
  {
    name: 'after rows that left',
    rows: [
      ['a', 0],
      ['a', 2],
    ],
    given: ['a', 3, 'b'],
    expect: ['a', 1, 'b'],
  },
  { name: 'before a row that left', rows: [['a', 3]], given: ['a', 2], expect: ['a', 2] },
  { name: 'in another list', rows: [['b', 0]], given: ['a', 2], expect: ['a', 2] },
  {
    name: 'in a list of a list',
    rows: [
      ['a', 0],
      ['a', 2, 'b', 0],
      ['a', 1, 'b', 1],
    ],
    given: ['a', 2, 'b', 1],
    expect: ['a', 1, 'b', 0],
  },
];

it.each(cases)('$name', ({ kept = [], rows = [], given, expect: wanted }) => {
  const places = new WithheldPaths();
  for (const one of kept) places.add(one);
  for (const one of rows) places.addRow(one);
  const told = places.visibleFailures([{ path: given }, { path: undefined }]);
  expect(told).toEqual([...(wanted === undefined ? [] : [{ path: wanted }]), { path: undefined }]);
});
