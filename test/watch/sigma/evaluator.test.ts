/** The evaluator of Sigma rules that the other tests rely on: what it understands, and that it throws else. */
import { describe, expect, it } from 'vitest';
import { raisedBy, toMilliseconds } from '../../support/sigma/match-correlation.ts';
import {
  type Detection,
  evaluate,
  matchesEvent,
  valuesAt,
} from '../../support/sigma/match-event.ts';
import type { CorrelationRule, EventRule } from '../../support/sigma/sigma-document.ts';

const event = {
  time: 0,
  code: 'Admit/Slow',
  count: 7,
  is_alert: false,
  nothing: null,
  none: [],
  gateway: {
    delivered: [
      { field: 'A.a', count: 3 },
      { field: 'A.b', count: 40 },
    ],
    tags: ['x', 'y'],
  },
};

describe('values of an event', () => {
  it.each([
    { path: 'count', expect: [7] },
    { path: 'gateway.delivered.count', expect: [3, 40] },
    { path: 'gateway.tags', expect: ['x', 'y'] },
    { path: 'gateway.other', expect: [] },
    { path: 'gateway.tags.length', expect: [] },
    { path: 'code.length', expect: [] },
    { path: 'constructor', expect: [] },
    { path: 'nothing', expect: [] },
    { path: 'none', expect: [] },
  ])('$path', ({ path, expect: values }) => expect(valuesAt(event, path)).toEqual(values));
});

describe('a selection', () => {
  const cases: { name: string; selection: Detection['x']; expect: boolean }[] = [
    { name: 'text in other letters', selection: { code: 'admit/slow' }, expect: true },
    { name: 'another text', selection: { code: 'admit' }, expect: false },
    { name: 'a number', selection: { count: 7 }, expect: true },
    { name: 'a number as text', selection: { count: '7' }, expect: false },
    { name: 'false', selection: { is_alert: false }, expect: true },
    { name: 'true', selection: { is_alert: true }, expect: false },
    { name: 'one of a list', selection: { count: [1, 7] }, expect: true },
    { name: 'none of a list', selection: { count: [1, 2] }, expect: false },
    { name: 'all items of a map', selection: { count: 7, code: 'x' }, expect: false },
    { name: 'any map of a list', selection: [{ count: 1 }, { count: 7 }], expect: true },
    { name: 'no map of a list', selection: [{ count: 1 }, { count: 2 }], expect: false },
    { name: 'any value at the path', selection: { 'gateway.tags': 'y' }, expect: true },
    { name: 'what is not there', selection: { other: 'y' }, expect: false },
    { name: 'contains', selection: { 'code|contains': 'T/S' }, expect: true },
    { name: 'contains not', selection: { 'code|contains': 'z' }, expect: false },
    { name: 'startswith', selection: { 'code|startswith': 'admit/' }, expect: true },
    { name: 'startswith not', selection: { 'code|startswith': 'slow' }, expect: false },
    { name: 'endswith', selection: { 'code|endswith': 'slow' }, expect: true },
    { name: 'endswith not', selection: { 'code|endswith': 'admit' }, expect: false },
    { name: 'gte', selection: { 'count|gte': 7 }, expect: true },
    { name: 'gte of a list', selection: { 'gateway.delivered.count|gte': 40 }, expect: true },
    { name: 'gte not', selection: { 'gateway.delivered.count|gte': 41 }, expect: false },
    { name: 'gt', selection: { 'count|gt': 7 }, expect: false },
    { name: 'lt', selection: { 'count|lt': 7 }, expect: false },
    { name: 'lte', selection: { 'count|lte': 7 }, expect: true },
    { name: 'a comparison of text', selection: { 'code|gte': 0 }, expect: false },
    { name: 'exists', selection: { 'count|exists': true }, expect: true },
    { name: 'exists, of an empty list', selection: { 'none|exists': true }, expect: false },
    { name: 'exists not', selection: { 'other|exists': false }, expect: true },
  ];
  it.each(cases)('$name', ({ selection, expect: result }) => {
    expect(matchesEvent(event, { condition: 'x', x: selection ?? {} })).toBe(result);
  });

  it.each([
    { 'code|re': 'a' },
    { 'code|cidr': '10.0.0.0/8' },
    { 'code|contains|all': ['a', 'b'] },
    { 'code|hasOwnProperty': 'a' },
    { code: 'admit/*' },
    { code: 'admi?' },
    { 'count|gte': '7' },
    { 'code|contains': 7 },
    { 'count|exists': 'yes' },
  ])('throws for %o', (selection) => {
    expect(() => matchesEvent(event, { condition: 'x', x: selection as never })).toThrow();
  });

  it('throws also where the condition could do without it', () => {
    const detection = { condition: 'x', x: { count: 7 }, y: { 'code|re': 'a' } };
    expect(() => matchesEvent(event, detection)).toThrow('not evaluated');
  });
});

describe('a condition', () => {
  const results = new Map([
    ['yes', true],
    ['yes_too', true],
    ['no', false],
  ]);
  it.each([
    ['yes', true],
    ['no', false],
    ['not no', true],
    ['not not no', false],
    ['yes and no', false],
    ['no or yes', true],
    ['no and no or yes', true],
    ['yes or yes and no', true],
    ['(yes or yes) and no', false],
    ['not (yes and no)', true],
    ['not no and no', false],
    ['1 of yes*', true],
    ['1 of no*', false],
    ['all of yes*', true],
    ['1 of them', true],
    ['all of them', false],
  ])('%s', (condition, result) => expect(evaluate(condition, results)).toBe(result));

  it.each([
    '',
    'yes and',
    'yes yes',
    '(yes',
    'yes)',
    'maybe',
    '2 of them',
    '1 of',
    '1 of x*',
    'yes | count() > 5',
    'near yes',
    '1 of yes',
  ])('throws for "%s"', (condition) => expect(() => evaluate(condition, results)).toThrow());
});

const about = {
  id: 'x',
  status: 'test',
  author: 'x',
  date: '',
  description: '',
  falsepositives: [],
  level: 'low',
  tags: [],
} as const;
const base: EventRule = {
  ...about,
  falsepositives: [],
  tags: [],
  title: 'base',
  name: 'base',
  logsource: { category: 'application', product: 'fieldgate', service: 'audit' },
  detection: { condition: 'x', x: { code: 'a' } },
};
const correlation = (of: CorrelationRule['correlation']): CorrelationRule => ({
  ...about,
  falsepositives: [],
  tags: [],
  title: 'sum',
  correlation: of,
});
const counting = (more: object) =>
  correlation({
    type: 'event_count',
    rules: ['base'],
    timespan: '1m',
    condition: { gte: 3 },
    ...more,
  } as never);
const at = (second: number, more: object = {}) => ({
  time: second * 1_000,
  code: 'a',
  by: 'u',
  ...more,
});

describe('a correlation', () => {
  const cases = [
    { name: 'enough in a span', rule: counting({}), events: [at(0), at(30), at(59)], expect: true },
    { name: 'too few', rule: counting({}), events: [at(0), at(30)], expect: false },
    { name: 'spread too wide', rule: counting({}), events: [at(0), at(30), at(60)], expect: false },
    {
      name: 'in a span that begins later',
      rule: counting({}),
      events: [at(0), at(30), at(80), at(85)],
      expect: true,
    },
    {
      name: 'not of its rule',
      rule: counting({}),
      events: [at(0), at(1), at(2, { code: 'b' })],
      expect: false,
    },
    {
      name: 'of one group',
      rule: counting({ 'group-by': ['by'] }),
      events: [at(0), at(1), at(2)],
      expect: true,
    },
    {
      name: 'of several groups',
      rule: counting({ 'group-by': ['by'] }),
      events: [at(0), at(1), at(2, { by: 'v' })],
      expect: false,
    },
    {
      name: 'of no group',
      rule: counting({ 'group-by': ['at'] }),
      events: [at(0), at(1), at(2)],
      expect: false,
    },
    {
      name: 'different values',
      rule: counting({ type: 'value_count', condition: { field: 'by', gte: 3 } }),
      events: [at(0), at(1, { by: 'v' }), at(2, { by: 'w' })],
      expect: true,
    },
    {
      name: 'the same value again',
      rule: counting({ type: 'value_count', condition: { field: 'by', gte: 3 } }),
      events: [at(0), at(1, { by: 'v' }), at(2, { by: 'v' })],
      expect: false,
    },
  ];
  it.each(cases)('$name', ({ rule, events, expect: result }) => {
    expect(raisedBy(events, [base, rule])).toEqual(result ? ['sum'] : []);
  });

  it('raises the counted rule itself only where nothing counts it', () => {
    expect(raisedBy([at(0)], [base])).toEqual(['base']);
    expect(raisedBy([at(0)], [base, counting({})])).toEqual([]);
  });

  it.each([
    { type: 'temporal' },
    { type: 'value_sum', condition: { field: 'by', gte: 3 } },
    { type: 'value_count' },
    { rules: ['other'] },
    { timespan: '5M' },
    { condition: { field: 'by', gte: 1 } },
  ])('throws for %o', (more) => {
    expect(() => raisedBy([at(0)], [base, counting(more)])).toThrow();
  });

  it('knows seconds, minutes, hours and days', () => {
    expect(['1s', '2m', '1h', '1d'].map(toMilliseconds)).toEqual([1e3, 12e4, 36e5, 864e5]);
  });
});
