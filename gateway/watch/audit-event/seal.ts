/**
 * Steps `seal` and `observe` for the audit trail. A request's event is in the log before a
 * classified answer starts; a closing event follows: one of its own if the caller hung up, one
 * shared with others if the answer was sent whole.
 *
 * Fails closed for classified data: if the log cannot take the event, the answer is not sent
 * (`watch/audit-unavailable`). Everything else goes on, and the operator is told.
 */
import { Refusal } from '../../decision.ts';
import type { RequestRecord } from '../../request.ts';
import type { TurnedAway } from '../../turned-away.ts';
import { type FloodCount, FloodCounter } from '../flood.ts';
import { Closings } from './closings.ts';
import type { EventContext } from './event-frame.ts';
import type { FlatEvent } from './flat-event.ts';
import { toClosedEvent, toFindingEvent, toFloodEvent } from './gateway-event.ts';
import { toClosingEvent, toRequestEvents } from './request-event.ts';
import { findSecondLock } from './second-lock.ts';

/** What the seal needs of a log: it takes a line and says when the line is safe. */
export interface AuditSink {
  append(json: string, flat?: FlatEvent): AppendOutcome;
}

export type AppendOutcome =
  | {
      readonly ok: true;
      /** Undefined if already written, else resolves once written and rejects if that fails. */
      readonly written: Promise<void> | undefined;
    }
  | { readonly ok: false };

export interface AuditSeal {
  /** Called before the answer starts; a refusal takes its place. */
  seal(record: RequestRecord): Refusal | undefined | Promise<Refusal | undefined>;
  /** Counts a request of a flood, which has no record and no event of its own. */
  count(turnedAway: TurnedAway): void;
  /** Called when the request is over. */
  observe(record: RequestRecord): void;
  /** Called once a second: writes counts of past floods and the waiting closings. */
  tick(): void;
  /**
   * Called before the log is closed: like `tick`, and writes the count of a flood still running.
   */
  close(): void;
}

export function createAuditSeal(options: {
  readonly sink: AuditSink;
  readonly context: EventContext;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly newUid: () => string;
  /** Whether the sink also gets the forwarder's parts of each event. */
  readonly keepsFlat?: boolean;
  /** Called with the number of events that the log did not take. */
  readonly lost: (events: number) => void;
}): AuditSeal {
  const { sink, now } = options;
  const floods = new FloodCounter();
  /** The parts of events that are made but not appended yet. */
  const flats: FlatEvent[] = [];
  const flat =
    options.keepsFlat === true ? (event: FlatEvent) => void flats.push(event) : undefined;
  const context = { ...options.context, flat };
  /**
   * Requests that were only counted in a flood: without an event of their own, none closes them.
   */
  const counted = new WeakSet<RequestRecord>();

  function append(json: string): AppendOutcome {
    const outcome = sink.append(json, flats.shift());
    if (!outcome.ok) options.lost(1);
    return outcome;
  }

  function writeFloods(ended: readonly FloodCount[]): void {
    for (const count of ended) append(toFloodEvent(count, context, options.newUid()));
  }

  const closings = new Closings((batch) => {
    append(toClosedEvent(batch, context, { uid: options.newUid(), timeMs: now() }));
  });

  return {
    seal(record) {
      const { own, ended } = floods.admit(record, now());
      writeFloods(ended);
      if (!own) {
        counted.add(record);
        return undefined;
      }
      flats.length = 0;
      const outcomes = toRequestEvents(record, context).map(append);
      if (record.delivered.length === 0) return undefined;
      if (outcomes.some(({ ok }) => !ok)) return new Refusal('watch/audit-unavailable');
      return whenWritten(outcomes);
    },
    count(turnedAway) {
      const ended = floods.count(turnedAway, turnedAway.atMs);
      if (ended.length > 0) writeFloods(ended);
    },
    observe(record) {
      flats.length = 0;
      const finding = findSecondLock(record);
      if (finding !== undefined) append(toFindingEvent(finding, context, options.newUid()));
      if (counted.has(record) || (!record.aborted && record.delivered.length === 0)) return;
      if (record.aborted) append(toClosingEvent(record, context));
      else closings.add(record);
    },
    tick() {
      closings.flush();
      writeFloods(floods.takeEnded(now()));
    },
    close() {
      closings.flush();
      writeFloods(floods.takeEnded(now() + 1_000));
    },
  };
}

/** The last event is written when all are, since a log keeps their order. */
function whenWritten(
  outcomes: readonly AppendOutcome[],
): Refusal | undefined | Promise<Refusal | undefined> {
  const last = outcomes.at(-1);
  if (last === undefined || !last.ok) return new Refusal('watch/audit-unavailable');
  return last.written?.then(
    () => undefined,
    () => new Refusal('watch/audit-unavailable'),
  );
}
