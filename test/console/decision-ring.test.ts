/** The ring of decisions: what a reader gets, and that it stays within its bounds whatever is put in. */
import { describe, expect, it } from 'vitest';
import {
  createDecisionRing,
  type DecidedRecord,
  ringBounds,
} from '../../gateway/console/decision-ring.ts';

const record = (about: Partial<DecidedRecord> = {}): DecidedRecord => ({
  denials: [],
  delivered: [],
  operation: undefined,
  ...about,
});
const all = { entriesMax: 1_000, bytesMax: 100 * 1024 * 1024 };
const denial = (coordinate: string) => ({ coordinate, classes: ['pay'], rule: 'pay', scopes: [] });

describe('reading', () => {
  it('gives what is new, oldest first, with what the record says beside the line', () => {
    const ring = createDecisionRing();
    expect(ring.read(0, all)).toEqual({ text: '[]', last: 0, skipped: 0 });
    ring.take(record(), '{"id":"a"}');
    const policy = { afterMs: 1, durationMs: 2 };
    ring.take(record({ denials: [denial('A.b')], policy }), '{"id":"b"}');
    expect(JSON.parse(ring.read(0, all).text)).toEqual([
      { seq: 1, denials: [], delivered: [], line: { id: 'a' } },
      { seq: 2, denials: [denial('A.b')], delivered: [], policy, line: { id: 'b' } },
    ]);
    expect(JSON.parse(ring.read(1, all).text)).toHaveLength(1);
    expect(ring.read(2, all)).toEqual({ text: '[]', last: 2, skipped: 0 });
    expect(ring.read(99, all)).toEqual({ text: '[]', last: 2, skipped: 0 });
  });

  it('says how many were too many, and gives the newest', () => {
    const ring = createDecisionRing({ entriesMax: 3, bytesMax: 1_000 });
    for (let at = 1; at <= 5; at += 1) ring.take(record(), `{"id":${at}}`);
    const ids = (text: string) =>
      JSON.parse(text).map((one: { line: { id: number } }) => one.line.id);
    const read = ring.read(0, all);
    expect([ids(read.text), read.last, read.skipped]).toEqual([[3, 4, 5], 5, 2]);
    const few = ring.read(2, { entriesMax: 2, bytesMax: 1_000 });
    expect([ids(few.text), few.skipped]).toEqual([[4, 5], 1]);
    const small = ring.read(2, { entriesMax: 9, bytesMax: 20 });
    expect([ids(small.text), small.skipped]).toEqual([[5], 2]);
  });
});

describe('bounds', () => {
  it('long lines push older ones out before there are too many bytes', () => {
    const ring = createDecisionRing();
    const line = JSON.stringify({ id: 'x'.repeat(100_000) });
    for (let at = 0; at < 5_000; at += 1) {
      ring.take(record(), line);
      expect(ring.sizes().bytes).toBeLessThanOrEqual(ringBounds.bytesMax);
    }
    expect(ring.sizes().entries).toBe(Math.floor(ringBounds.bytesMax / (2 * line.length)));
    ring.take(record(), 'x'.repeat(ringBounds.bytesMax));
    expect(ring.sizes().entries).toBeGreaterThan(0);
  });

  it('of a thousand refused fields the first are kept, and counted as bytes', () => {
    const ring = createDecisionRing();
    const denials = Array.from({ length: 1_000 }, (_, at) => denial(`T.f${at}`));
    for (let at = 0; at < 2_000; at += 1) ring.take(record({ denials }), '{"id":1}');
    expect(ring.sizes().bytes).toBeLessThanOrEqual(ringBounds.bytesMax);
    expect(ring.sizes().entries).toBeLessThan(ringBounds.entriesMax);
    const [first] = JSON.parse(ring.read(0, all).text);
    expect(first.denials).toHaveLength(50);
  });

  it('short ones are as many as there may be', () => {
    const ring = createDecisionRing();
    for (let at = 0; at < 2_000; at += 1) ring.take(record(), '{"id":1}');
    expect(ring.sizes().entries).toBe(ringBounds.entriesMax);
  });
});
