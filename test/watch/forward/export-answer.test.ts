/** Only what OTLP answers counts as stored: anything else that says 200 leaves the lines in the log. */
import { expect, it } from 'vitest';
import { judgeAnswer } from '../../../gateway/watch/forward/export-answer.ts';

const verdictOf = (type: string, body: string | Uint8Array, status = 200) =>
  judgeAnswer({ status, headers: { 'content-type': type }, body: Buffer.from(body) }, 0).kind;

const json = 'application/json';
const protobuf = 'application/x-protobuf';

it.each([
  { name: 'nothing', given: [protobuf, ''], expect: 'accepted' },
  { name: 'an empty object', given: [json, '{}'], expect: 'accepted' },
  {
    name: 'null for no partial success',
    given: [json, '{"partialSuccess":null}'],
    expect: 'accepted',
  },
  { name: 'fields that are not known', given: [json, '{"took":3}'], expect: 'accepted' },
  {
    name: 'a partial success',
    given: [json, '{"partialSuccess":{"rejectedLogRecords":"2"}}'],
    expect: 'partial',
  },
  {
    name: 'a negative count',
    given: [json, '{"partialSuccess":{"rejectedLogRecords":-1}}'],
    expect: 'partial',
  },
  { name: 'a list', given: [json, '[]'], expect: 'later' },
  { name: 'a list of errors', given: [json, '[{"error":"no such tenant"}]'], expect: 'later' },
  { name: 'null', given: [json, 'null'], expect: 'later' },
  { name: 'a text', given: [json, '"ok"'], expect: 'later' },
  { name: 'half an object', given: [json, '{"partialSuccess":'], expect: 'later' },
  {
    name: 'a partial success that is none',
    given: [json, '{"partialSuccess":"some"}'],
    expect: 'later',
  },
  {
    name: 'a list for a partial success',
    given: [json, '{"partialSuccess":[2]}'],
    expect: 'later',
  },
  { name: 'a page', given: ['text/html', '<html>'], expect: 'later' },
  { name: 'a word', given: ['text/plain', 'ok'], expect: 'later' },
  { name: 'a length past the end', given: [protobuf, '\n\u007f'], expect: 'later' },
] as const)('$name: $expect', ({ given: [type, body], expect: wanted }) => {
  expect(verdictOf(type, body)).toBe(wanted);
});

it('an answer that is too large was OTLP, or a page', () => {
  const tooLarge = (type: string) =>
    judgeAnswer({ status: 200, headers: { 'content-type': type }, body: undefined }, 0).kind;
  expect([tooLarge(protobuf), tooLarge('text/html; charset=utf-8')]).toEqual(['partial', 'later']);
});
