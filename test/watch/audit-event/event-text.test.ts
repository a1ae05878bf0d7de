/**
 * The text that is written by hand is the one that JSON.stringify writes of a plainly built event.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Reason, Refusal } from '../../../gateway/decision.ts';
import { publicFaces } from '../../../gateway/errors.ts';
import { Tally } from '../../../gateway/plan/tally.ts';
import { type Caller, openRecord, type RequestRecord, stages } from '../../../gateway/request.ts';
import type { FlatEvent } from '../../../gateway/watch/audit-event/flat-event.ts';
import { quote, quoteName } from '../../../gateway/watch/audit-event/json-text.ts';
import {
  toClosingEvent,
  toRequestEvents,
} from '../../../gateway/watch/audit-event/request-event.ts';
import { readLink, toLine } from '../../../gateway/watch/audit-log/chain-line.ts';
import { ProtoWriter } from '../../../gateway/watch/forward/proto-writer.ts';
import { createRecentEvents } from '../../../gateway/watch/forward/recent-events.ts';
import { writeLogRecord } from '../../../gateway/watch/forward/write-log-record.ts';
import { plainClosingEvent, plainRequestEvents } from './plain-event.ts';

/** Each code point; fast-check's own takes seconds to set up. */
const anyCharacter = fc.nat(0x10ffff).map((point) => String.fromCodePoint(point));
/** With what a careless writer trips over. */
const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: anyCharacter, maxLength: 12 }),
  fc.constantFrom('"', '\\', '\n', '\u2028', '\ud800', '\udfff\ud800', '😀', '\u007f', '}}}', ''),
);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const number = fc.oneof(
  fc.nat(),
  fc.double(),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -0, 1e21),
);
const texts = fc.array(text, { maxLength: 4 });

const caller: fc.Arbitrary<Caller> = fc.record({
  kind: fc.constantFrom('anonymous', 'token', 'key'),
  issuer: optional(text),
  subject: optional(text),
  client: optional(text),
  scopes: texts.map((all) => new Set(all)),
  roles: fc.array(text, { maxLength: 60 }).map((all) => new Set(all)),
  claims: fc.constant({}),
  credentialHash: optional(text),
  expiresAt: fc.constant(undefined),
  dropped: fc.record({ scopes: texts, roles: texts }),
}) as fc.Arbitrary<Caller>;

const coordinate = fc.record({
  coordinate: text,
  classes: texts,
  rule: text,
  mask: fc.constantFrom(undefined, 'last4'),
});

/** Values that left: their coordinates, and of whom. */
const left = fc.record({
  classified: fc.uniqueArray(coordinate, {
    minLength: 1,
    maxLength: 5,
    selector: ({ coordinate: name }) => name,
  }),
  values: fc.array(
    fc.record({
      slot: fc.nat(4),
      subject: optional(fc.record({ type: fc.constantFrom('A', 'B"'), id: fc.nat(9).map(String) })),
    }),
    { maxLength: 60 },
  ),
});

const record: fc.Arbitrary<RequestRecord> = fc
  .record({
    about: fc.record({
      id: text,
      startedAtMs: number,
      trace: fc.record({
        traceId: text,
        spanId: text,
        parentSpanId: fc.constant(undefined),
        sampled: fc.boolean(),
      }),
      peer: text,
      method: fc.oneof(text, fc.constantFrom('GET', 'POST')),
    }),
    left: optional(left),
    rest: fc.record({
      stage: fc.constantFrom(...stages),
      clientAddress: optional(text),
      country: optional(text),
      networks: texts,
      caller: optional(caller),
      operation: optional(
        fc.record({
          type: fc.constantFrom('query', 'mutation', 'subscription'),
          hash: text,
          named: fc.boolean(),
          name: optional(text),
        }),
      ),
      verdicts: optional(fc.record({ allowed: fc.nat(), denied: texts, masked: texts })),
      policyDigest: optional(text),
      denials: fc.array(
        fc.record(
          {
            coordinate: text,
            classes: texts,
            rule: optional(text),
            scopes: texts,
            stepUp: fc.constant(true as const),
          },
          { requiredKeys: ['coordinate', 'classes', 'rule', 'scopes'] },
        ),
        { maxLength: 25 },
      ),
      cost: optional(number),
      charges: fc.array(
        fc.record(
          {
            rate: text,
            amount: number,
            remaining: number,
            near: fc.boolean(),
            exhausted: fc.constant(true as const),
          },
          { requiredKeys: ['rate', 'amount', 'remaining', 'near'] },
        ),
        { maxLength: 55 },
      ),
      shadows: optional(
        fc.array(
          fc.record({
            kind: fc.constantFrom('access' as const, 'rate' as const),
            rule: text,
            effect: fc.constantFrom('refuse' as const, 'grant' as const),
            coordinates: fc.array(text, { maxLength: 3 }),
          }),
          { maxLength: 3 },
        ),
      ),
      localRates: fc.boolean(),
      engine: optional(text),
      upstreamCalls: fc.array(
        fc.record({
          upstream: text,
          operation: text,
          status: fc.nat(599),
          durationMs: number,
          responseBytes: fc.nat(),
          failure: optional(text),
        }),
        { maxLength: 55 },
      ),
      upstreamCallCount: fc.nat(),
      upstreamFailures: fc.nat(3),
      refusal: optional(
        fc
          .record({ reason: fc.constantFrom(...Object.keys(publicFaces)), coordinates: texts })
          .map(({ reason, coordinates }) => new Refusal(reason as Reason, { coordinates })),
      ),
      faults: texts,
      status: fc.nat(599),
      responseBytes: fc.nat(),
      aborted: fc.boolean(),
      durationMs: number,
    }),
  })
  .map(({ about, left: its, rest }) => {
    const made = { ...openRecord(about), ...rest } as RequestRecord;
    if (its === undefined) return made;
    const classified = its.classified as unknown as RequestRecord['classified'];
    const tally = new Tally();
    for (const { slot, subject } of its.values) tally.value(slot % classified.length, subject);
    return { ...made, classified, tally, delivered: tally.delivered(classified) };
  });

const keyed = (type: string, id: string): string => `e1:${type === 'A' ? 'a' : 'b'}${id}`;
const context = { product: { name: 'Fieldgate "x"', version: '1.0.0' }, toSubjectId: keyed };

describe('the text of events', () => {
  it('is what JSON.stringify writes of the plain ones', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(record, fc.boolean(), (one, withKeys) => {
        const about = { ...context, toSubjectId: withKeys ? keyed : undefined };
        expect(toRequestEvents(one, about)).toEqual(plainRequestEvents(one, about));
        expect(toClosingEvent(one, about)).toBe(plainClosingEvent(one, about));
      }),
      { numRuns: 500 },
    );
  });

  it('is on the wire what its parts, handed on in memory, are', { timeout: 120_000 }, () => {
    let [kept, seq] = [0, 0];
    const recent = createRecentEvents();
    fc.assert(
      fc.property(record, fc.boolean(), (made, isTimed) => {
        const one = isTimed ? { ...made, startedAtMs: 1_795_446_000_007 } : made;
        const flats: FlatEvent[] = [];
        const about = { ...context, flat: (flat: FlatEvent) => void flats.push(flat) };
        const events = [...toRequestEvents(one, about), toClosingEvent(one, about)];
        expect(flats.length).toBe(events.length);
        for (const [at, event] of events.entries()) {
          seq += 1;
          const line = Buffer.from(toLine(event, { id: 'chain', seq, prev: '' }));
          recent.put(seq, flats[at] ?? {});
          const [parsed, handed] = [new ProtoWriter(), new ProtoWriter()];
          writeLogRecord(parsed, { bytes: line }, 1);
          writeLogRecord(handed, { bytes: line, link: readLink(line) }, 1, recent);
          if (recent.write(new ProtoWriter(), seq, line)) kept += 1;
          expect(handed.written().toString('latin1')).toBe(parsed.written().toString('latin1'));
        }
      }),
      { numRuns: 500 },
    );
    expect(kept).toBeGreaterThan(250);
  });

  it('goes on in further events where one has no room for all subjects', () => {
    const tally = new Tally();
    for (let id = 0; id < 2_500; id += 1) {
      const subject = { type: id % 3 === 0 ? 'A' : 'B', id: String(id) };
      tally.value(id % 2, subject);
      if (id % 5 === 0) tally.value(2, subject);
    }
    const classified = ['A.x', 'B.y', 'B.z'].map((name) => ({
      coordinate: name,
      classes: ['pay'],
      rule: 'r',
      mask: undefined,
    })) as unknown as RequestRecord['classified'];
    const trace = { traceId: 'a', spanId: 'b', parentSpanId: undefined, sampled: true };
    const one = {
      ...openRecord({ id: 'q', startedAtMs: 1, trace, peer: '::1', method: 'POST' }),
      classified,
      tally,
      delivered: tally.delivered(classified),
    };
    const events = toRequestEvents(one, context);
    expect(events.length).toBe(3);
    expect(events).toEqual(plainRequestEvents(one, context));
  });

  it('quotes as JSON does', () => {
    fc.assert(
      fc.property(text, (one) => {
        expect(quote(one)).toBe(JSON.stringify(one));
        expect(quoteName(one)).toBe(JSON.stringify(one));
      }),
    );
  });
});
