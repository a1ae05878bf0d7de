/** A forwarder between a log and a sink of the test's own, with limits made small. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createForwarder, type Forwarder } from '../../../gateway/watch/forward/forwarder.ts';
import type {
  ForwarderNotice,
  ForwarderOptions,
} from '../../../gateway/watch/forward/forwarder-options.ts';
import { attributesOf, type Item, type OtlpSink, startOtlpSink } from '../../support/otlp-sink.ts';
import { until } from '../../support/redis.ts';
import { createSegmentWriter, type SegmentWriter } from './segment-writer.ts';

export interface ForwarderRig {
  readonly log: SegmentWriter;
  readonly sink: OtlpSink;
  readonly notices: ForwarderNotice[];
  readonly forwarder: Forwarder;
  /** Ends the forwarder as a process that dies does not, and starts another on the same log. */
  restart(options?: Partial<ForwarderOptions>): Promise<Forwarder>;
  /** Of the failures in a row that were told last; undefined where it went well since. */
  failing(): { why: string; failures: number } | undefined;
  /** Complete lines past the cursor. */
  unshipped(): number;
  /** Resolves once the cursor is at the end of the log. */
  shippedAll(): Promise<void>;
  cleanUp(): Promise<void>;
}

export async function startRig(options: Partial<ForwarderOptions> = {}): Promise<ForwarderRig> {
  const log = createSegmentWriter();
  const sink = await startOtlpSink();
  const notices: ForwarderNotice[] = [];
  const make = async (over: Partial<ForwarderOptions>) => {
    const made = createForwarder({
      directory: log.directory,
      endpoint: sink.url,
      notice: (notice) => notices.push(notice),
      now: Date.now,
      random: Math.random,
      ...options,
      ...over,
      limits: {
        pollMs: 5,
        backoffMinMs: 5,
        backoffMaxMs: 20,
        requestTimeoutMs: 5_000,
        ...options.limits,
        ...over.limits,
      },
    });
    await made.start();
    return made;
  };
  let forwarder = await make({});
  const unshipped = () => log.lines.length - forwarder.shipped().seq;
  return {
    log,
    sink,
    notices,
    get forwarder() {
      return forwarder;
    },
    restart: async (over = {}) => {
      await forwarder.close();
      forwarder = await make(over);
      return forwarder;
    },
    failing: () => {
      const last = notices.findLast(({ kind }) => kind === 'failing' || kind === 'recovered');
      return last?.kind === 'failing' ? last : undefined;
    },
    unshipped,
    shippedAll: () => until('the log to be shipped', () => unshipped() === 0),
    cleanUp: async () => {
      await forwarder.close();
      await sink.close();
      log.remove();
    },
  };
}

const bodyOf = (item: Item): string =>
  String((item.body as { readonly stringValue?: unknown }).stringValue);

/** Bodies by uid; throws where two records with one uid differ. */
export function bodiesByUid(items: readonly Item[]): Map<string, string> {
  const bodies = new Map<string, string>();
  for (const item of items) {
    const uid = String(attributesOf(item)['log.record.uid']);
    const body = bodyOf(item);
    if ((bodies.get(uid) ?? body) !== body) throw new Error(`two records with the uid ${uid}`);
    bodies.set(uid, body);
  }
  return bodies;
}

export interface ParkedLine {
  readonly reason: string;
  readonly detail: string;
  readonly rejected: number;
  readonly of: number;
  readonly seq: number;
  readonly line: string;
}

export function parkedIn(directory: string): ParkedLine[] {
  return readFileSync(join(directory, 'dead-letter.ndjson'), 'utf8')
    .split('\n')
    .filter((text) => text !== '')
    .map((text) => JSON.parse(text) as ParkedLine);
}
