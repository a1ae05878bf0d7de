/** What the hand-written encoder sends means what the SDK's own serialiser would have sent. */
import { type Attributes, SpanKind } from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  instrumentationScope,
  RecordedSpan,
  type SpanFacts,
} from '../../../gateway/watch/telemetry/recorded-span.ts';
import { createSpanEncoder } from '../../../gateway/watch/telemetry/span-request.ts';
import { decodeRequest } from '../../support/otlp-schema.ts';

const hex = (characters: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: characters, maxLength: characters })
    .map((all) => all.join(''));
/** Whole characters: what protobuf calls a string. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀'), minLength: 30, maxLength: 300 }),
);
const attributes: fc.Arbitrary<Attributes> = fc.dictionary(
  fc.constantFrom('http.route', 'gateway.decision', 'gateway.cost', 'gateway.aborted', 'list'),
  fc.oneof(
    text,
    fc.nat(),
    fc.constantFrom(0, 1.5, -1.5, 2 ** 31, 2 ** 52),
    fc.boolean(),
    fc.array(text, { maxLength: 20 }),
  ),
);
const facts: fc.Arbitrary<SpanFacts> = fc.record({
  name: text,
  kind: fc.constantFrom(SpanKind.SERVER, SpanKind.CLIENT, SpanKind.INTERNAL),
  traceId: hex(32),
  spanId: hex(16),
  parentSpanId: fc.option(hex(16), { nil: undefined }),
  isParentRemote: fc.boolean(),
  // Milliseconds and quarters of them are exact in a double.
  startMs: fc.nat(4e12).map((quarters) => quarters / 4 + 1.7e12),
  endMs: fc.nat(4e12).map((quarters) => quarters / 4 + 1.7e12),
  isError: fc.boolean(),
  attributes,
});

/** Numbers that are nothing, and an empty status, may be there or not. */
function plain(bytes: Uint8Array): unknown {
  return JSON.parse(
    JSON.stringify(decodeRequest('traces', Buffer.from(bytes)), (key, value) =>
      key.startsWith('dropped') || (key === 'status' && !(value?.code > 0)) ? undefined : value,
    ),
  );
}

it('means the same', () => {
  const about = { 'service.name': 'fieldgate', 'service.version': '1.0.0' };
  const resource = resourceFromAttributes(about);
  const encode = createSpanEncoder(about, instrumentationScope.name);
  fc.assert(
    fc.property(fc.array(facts, { minLength: 1, maxLength: 8 }), (spans) => {
      const theirs = ProtobufTraceSerializer.serializeRequest(
        spans.map((one) => new RecordedSpan(one, resource)),
      );
      expect(plain(encode(spans))).toEqual(plain(theirs ?? new Uint8Array()));
    }),
    { numRuns: 300 },
  );
});
