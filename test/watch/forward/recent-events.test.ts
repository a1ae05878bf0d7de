/** Facts of late events, each beside its own line only, whatever was put since. */
import { describe, expect, it } from 'vitest';
import type { LooseEvent } from '../../../gateway/watch/forward/line-attributes.ts';
import { ProtoWriter } from '../../../gateway/watch/forward/proto-writer.ts';
import { createRecentEvents } from '../../../gateway/watch/forward/recent-events.ts';

const toEvent = (uid: string, request = 'r'): LooseEvent => ({
  metadata: { uid },
  time: 1_795_446_000_007,
  unmapped: { gateway: { decision: 'allowed', request } },
});
const toLine = (uid: string, before = ''): Buffer =>
  Buffer.from(`{${before}"metadata":{"uid":"${uid}","event_code":"allowed"}}`);

/** What is written of a line: undefined for nothing. */
function written(
  recent: ReturnType<typeof createRecentEvents>,
  seq: number,
  line: Buffer,
): string | undefined {
  const writer = new ProtoWriter();
  const known = recent.write(writer, seq, line);
  expect(writer.length > 0).toBe(known);
  return known ? writer.written().toString('latin1') : undefined;
}

describe('facts of late events', () => {
  it('are never those of another event', () => {
    const recent = createRecentEvents();
    recent.put(1, toEvent('b'));
    expect(written(recent, 1, toLine('a'))).toBeUndefined();
    expect(written(recent, 1, toLine('bc'))).toBeUndefined();
    recent.put(1, toEvent('a'));
    expect(written(recent, 8_193, toLine('a'))).toBeUndefined();
    expect(written(recent, 1, toLine('a'))).toContain('gateway.request');
    recent.put(8_193, toEvent('a'));
    expect(written(recent, 1, toLine('a'))).toBeUndefined();
    expect(written(recent, 8_193, toLine('a'))).toBeDefined();
  });

  it('are there again for a request that is sent again, wherever the id stands in the line', () => {
    const recent = createRecentEvents();
    recent.put(1, toEvent('a'));
    recent.put(2, toEvent('b'));
    for (const before of ['', '"more":1,', '', '"much more":[1,2,3],']) {
      expect(written(recent, 1, toLine('a', before))).toContain('gateway.request');
      expect(written(recent, 2, toLine('b', before))).toContain('gateway.request');
    }
  });

  it('are not kept of what cannot be told from its line', () => {
    const recent = createRecentEvents();
    for (const uid of ['', 'a"b', 'a\\b', 'ü', 'a\nb']) {
      recent.put(1, toEvent(uid));
      expect(written(recent, 1, toLine(uid))).toBeUndefined();
    }
    recent.put(1, { ...toEvent('a'), time: Number.NaN });
    expect(written(recent, 1, toLine('a'))).toBeUndefined();
  });

  it('are not kept of an event that cannot be written, and no answer fails for it', () => {
    const recent = createRecentEvents();
    const broken = {
      ...toEvent('a'),
      get src_endpoint(): NonNullable<LooseEvent['src_endpoint']> {
        throw new Error('broken');
      },
    };
    recent.put(1, broken);
    expect(written(recent, 1, toLine('a'))).toBeUndefined();
    recent.put(2, toEvent('b'));
    expect(written(recent, 2, toLine('b'))).toContain('gateway.request');
  });

  it('are all of one event, or gone, when large ones have taken the room of earlier ones', () => {
    const recent = createRecentEvents();
    const sizes = [10, 15_000, 300, 9_000, 20_000, 1_200];
    const total = 1_500;
    const requestOf = (seq: number): string =>
      `${seq}-${'x'.repeat(sizes[seq % sizes.length] ?? 0)}`;
    let kept = 0;
    for (let seq = 1; seq <= total; seq += 1) recent.put(seq, toEvent(`u${seq}`, requestOf(seq)));
    for (let seq = 1; seq <= total; seq += 1) {
      const text = written(recent, seq, toLine(`u${seq}`));
      if (text === undefined) continue;
      kept += 1;
      expect(text.includes(`u${seq}`)).toBe(true);
      expect(text.includes(requestOf(seq))).toBe(true);
    }
    expect(kept).toBeGreaterThan(300);
    expect(written(recent, total, toLine(`u${total}`))).toBeDefined();
  });
});
