/** A caller's traceparent is taken if it is well-formed to the letter, and else as if it were absent. */
import { describe, expect, test } from 'vitest';
import { toTraceContext } from '../../gateway/walk/trace-context.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parent = '00f067aa0ba902b7';
const hex = (bytes: number) => (bytes === 8 ? 'e' : 'd').repeat(bytes * 2);

const taken: { name: string; given: string; expect: boolean }[] = [
  { name: 'sampled', given: `00-${traceId}-${parent}-01`, expect: true },
  { name: 'not sampled', given: `00-${traceId}-${parent}-00`, expect: false },
  { name: 'other flags, sampled', given: `00-${traceId}-${parent}-ff`, expect: true },
  { name: 'other flags, not sampled', given: `00-${traceId}-${parent}-fe`, expect: false },
];

const ours: { name: string; given: string | undefined }[] = [
  { name: 'absent', given: undefined },
  { name: 'empty', given: '' },
  { name: 'text', given: 'hello' },
  { name: 'capitals', given: `00-${traceId.toUpperCase()}-${parent}-01` },
  { name: 'a trace of zeros', given: `00-${'0'.repeat(32)}-${parent}-01` },
  { name: 'a span of zeros', given: `00-${traceId}-${'0'.repeat(16)}-01` },
  { name: 'a short trace', given: `00-${traceId.slice(1)}-${parent}-01` },
  { name: 'a long span', given: `00-${traceId}-${parent}0-01` },
  { name: 'no hexadecimals', given: `00-${traceId.replace('4', 'g')}-${parent}-01` },
  { name: 'no flags', given: `00-${traceId}-${parent}` },
  { name: 'one digit of flags', given: `00-${traceId}-${parent}-1` },
  { name: 'something after it', given: `00-${traceId}-${parent}-01-x` },
  { name: 'another version', given: `01-${traceId}-${parent}-01` },
  { name: 'the version that is none', given: `ff-${traceId}-${parent}-01` },
  { name: 'blanks around it', given: ` 00-${traceId}-${parent}-01 ` },
  { name: 'a line after it', given: `00-${traceId}-${parent}-01\n` },
  { name: 'two of them', given: `00-${traceId}-${parent}-01, 00-${traceId}-${parent}-01` },
];

describe('a traceparent', () => {
  test.each(taken)('is taken: $name', ({ given, expect: sampled }) => {
    expect(toTraceContext(given, hex)).toEqual({
      traceId,
      parentSpanId: parent,
      spanId: hex(8),
      sampled,
    });
  });

  test.each(ours)('begins anew: $name', ({ given }) => {
    expect(toTraceContext(given, hex)).toEqual({
      traceId: hex(16),
      parentSpanId: undefined,
      spanId: hex(8),
      sampled: true,
    });
  });
});
