/** `hours`: what may be written, and which moments are within, also when clocks change. */
import { expect, test } from 'vitest';
import type { z } from 'zod';
import { parseHours, withinHours } from '../../../gateway/conditions/criteria/hours.ts';

function read(written: unknown) {
  const issues: z.core.$ZodRawIssue[] = [];
  const hours = parseHours(written, { issues }, ['hours']);
  const problems = issues.map((issue) => [
    issue.code === 'custom' ? issue.params?.code : issue.code,
    issue.path?.join('.'),
  ]);
  return { hours, problems };
}

const work = ['mon', 'tue', 'wed', 'thu', 'fri'];
const office = { days: work, from: '08:00', to: '18:00', zone: 'Europe/Berlin' };
const night = { days: ['fri'], from: '22:00', to: '06:00', zone: 'Europe/Berlin' };
const allDay = { days: ['sun'], from: '00:00', to: '24:00', zone: 'Europe/Berlin' };
const early = { days: ['sun'], from: '02:00', to: '03:00', zone: 'Europe/Berlin' };
const halves = { days: ['mon'], from: '08:30', to: '17:45', zone: 'UTC' };
const late = { days: ['mon'], from: '22:30', to: '05:15', zone: 'UTC' };

/** 2026-03-29, 02:00 is skipped in Berlin; 2026-10-25, 02:00 to 03:00 comes twice. */
const moments = [
  { name: 'the first minute', given: office, at: '2026-11-23T07:00:00Z', expect: true },
  { name: 'a second before', given: office, at: '2026-11-23T06:59:59Z', expect: false },
  { name: 'the last second', given: office, at: '2026-11-23T16:59:59Z', expect: true },
  { name: 'the end is out', given: office, at: '2026-11-23T17:00:00Z', expect: false },
  { name: 'in summer an hour earlier', given: office, at: '2026-07-20T06:00:00Z', expect: true },
  { name: 'in summer not at the end', given: office, at: '2026-07-20T16:00:00Z', expect: false },
  { name: 'Saturday', given: office, at: '2026-11-28T10:00:00Z', expect: false },
  { name: 'a day there is another here', given: allDay, at: '2026-11-21T23:30:00Z', expect: true },
  { name: 'midnight ends the day', given: allDay, at: '2026-11-22T23:00:00Z', expect: false },
  { name: 'Friday night', given: night, at: '2026-11-27T21:00:00Z', expect: true },
  { name: 'Saturday morning', given: night, at: '2026-11-28T04:59:59Z', expect: true },
  { name: 'Saturday at six', given: night, at: '2026-11-28T05:00:00Z', expect: false },
  { name: 'Saturday night', given: night, at: '2026-11-28T21:00:00Z', expect: false },
  { name: 'Friday morning', given: night, at: '2026-11-27T04:00:00Z', expect: false },
  { name: 'a night of the short hour', given: night, at: '2026-03-28T04:59:00Z', expect: true },
  { name: 'before the skipped hour', given: early, at: '2026-03-29T00:59:59Z', expect: false },
  { name: 'after the skipped hour', given: early, at: '2026-03-29T01:00:00Z', expect: false },
  { name: 'the hour once', given: early, at: '2026-10-25T00:30:00Z', expect: true },
  { name: 'the hour again', given: early, at: '2026-10-25T01:30:00Z', expect: true },
  { name: 'after both', given: early, at: '2026-10-25T02:00:00Z', expect: false },
  { name: 'half past eight', given: halves, at: '2026-11-23T08:30:00Z', expect: true },
  { name: 'a minute before half', given: halves, at: '2026-11-23T08:29:59Z', expect: false },
  { name: 'the minute before the end', given: halves, at: '2026-11-23T17:44:59Z', expect: true },
  { name: 'a quarter to six is the end', given: halves, at: '2026-11-23T17:45:00Z', expect: false },
  { name: 'a night from half', given: late, at: '2026-11-23T22:30:00Z', expect: true },
  { name: 'a night not before half', given: late, at: '2026-11-23T22:29:59Z', expect: false },
  { name: 'a night up to a quarter', given: late, at: '2026-11-24T05:14:59Z', expect: true },
  { name: 'a night past the quarter', given: late, at: '2026-11-24T05:15:00Z', expect: false },
  {
    name: 'a zone of half hours',
    given: { days: ['mon'], from: '00:00', to: '00:30', zone: 'Asia/Kolkata' },
    at: '2026-11-22T18:30:00Z',
    expect: true,
  },
];

test.each(moments)('$name', ({ given, at, expect: expected }) => {
  const { hours, problems } = read(given);
  expect(problems).toEqual([]);
  expect(hours && withinHours(hours, Date.parse(at))).toBe(expected);
});

test('no moment throws: what cannot be evaluated refuses', () => {
  const { hours } = read(office);
  expect(() => hours && withinHours(hours, Number.NaN)).toThrow(RangeError);
});

const wrong = [
  { name: 'no map', given: 'always', expect: ['wrong-type', 'hours'] },
  { name: 'a list', given: [office], expect: ['wrong-type', 'hours'] },
  {
    name: 'an unknown key',
    given: { ...office, until: '1' },
    expect: ['unknown-key', 'hours.until'],
  },
  { name: 'no zone', given: { ...office, zone: undefined }, expect: ['missing-key', 'hours'] },
  { name: 'no days', given: { ...office, days: [] }, expect: ['wrong-value', 'hours.days'] },
  { name: 'a day', given: { ...office, days: ['mo'] }, expect: ['wrong-value', 'hours.days'] },
  {
    name: 'a day twice',
    given: { ...office, days: ['mon', 'mon'] },
    expect: ['wrong-value', 'hours.days'],
  },
  { name: 'from', given: { ...office, from: '8:00' }, expect: ['wrong-format', 'hours.from'] },
  {
    name: 'from midnight of tomorrow',
    given: { ...office, from: '24:00' },
    expect: ['wrong-format', 'hours.from'],
  },
  { name: 'a minute', given: { ...office, from: '08:60' }, expect: ['wrong-format', 'hours.from'] },
  {
    name: 'to, past midnight',
    given: { ...office, to: '24:01' },
    expect: ['wrong-format', 'hours.to'],
  },
  { name: 'to, a number', given: { ...office, to: 1080 }, expect: ['wrong-format', 'hours.to'] },
  {
    name: 'no time between',
    given: { ...office, to: '08:00' },
    expect: ['wrong-value', 'hours.to'],
  },
  {
    name: 'a zone',
    given: { ...office, zone: 'Europe/Bonn' },
    expect: ['unknown-name', 'hours.zone'],
  },
  {
    name: 'an offset',
    given: { ...office, zone: '+02:00' },
    expect: ['unknown-name', 'hours.zone'],
  },
];

test.each(wrong)('refused: $name', ({ given, expect: expected }) => {
  expect(read(given)).toEqual({ hours: undefined, problems: [expected] });
});
