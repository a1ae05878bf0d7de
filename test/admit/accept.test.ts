import { describe, expect, test } from 'vitest';
import { negotiateAnswer } from '../../gateway/admit/accept.ts';

const json = 'application/json';
const graphql = 'application/graphql-response+json';

const cases: { name: string; given: string | undefined; expect: string | undefined }[] = [
  { name: 'absent', given: undefined, expect: json },
  { name: 'empty', given: ' ', expect: json },
  { name: 'anything', given: '*/*', expect: json },
  { name: 'any application', given: 'application/*', expect: json },
  { name: 'json', given: json, expect: json },
  { name: 'graphql', given: graphql, expect: graphql },
  { name: 'upper case', given: graphql.toUpperCase(), expect: graphql },
  {
    name: 'with charset',
    given: `${graphql}; charset=utf-8, ${json}; charset="UTF-8"`,
    expect: graphql,
  },
  { name: 'first named wins a tie', given: `${json}, ${graphql}`, expect: json },
  { name: 'named before wildcard', given: `*/*, ${graphql}`, expect: graphql },
  { name: 'quality', given: `${graphql};q=0.5, ${json};q=0.9`, expect: json },
  { name: 'quality of a wildcard', given: `${graphql};q=0.1, */*`, expect: json },
  { name: 'excluded by zero', given: `${json};q=0, */*`, expect: graphql },
  { name: 'all excluded', given: '*/*;q=0', expect: undefined },
  { name: 'browser', given: 'text/html,application/xhtml+xml,*/*;q=0.8', expect: json },
  { name: 'other type', given: 'text/html', expect: undefined },
  { name: 'other charset', given: `${json};charset=utf-16`, expect: undefined },
  { name: 'broken quality', given: `${json};q=2`, expect: undefined },
  { name: 'comma in quotes', given: `text/html;a="x, ${json}"`, expect: undefined },
  { name: 'event stream', given: 'text/event-stream', expect: undefined },
];

describe('type of the answer', () => {
  test.each(cases)('$name', ({ given, expect: expected }) => {
    expect(negotiateAnswer(given)).toBe(expected);
  });

  // In time that grew with the square of its length it would not end within the test's.
  test.each([
    ...['a/b;', '"', 'a/', ', '].map((part) => ({ part, expect: undefined })),
    { part: ' \t', expect: json },
  ])('512 KiB of $part are read to the end', ({ part, expect: expected }) => {
    expect(negotiateAnswer(part.repeat(524_288 / part.length))).toBe(expected);
  });
});
