/**
 * Steps `seal` and `observe` for the audit trail: the event of a request is in the log before a
 * classified answer starts, and what followed comes as a closing event: of its own for a caller who
 * hung up, together with others for an answer that was sent whole.
 *
 * Fails closed for what is classified: where the log takes nothing, such an answer does not leave
 * (`watch/audit-unavailable`); everything else goes on, and the operator is told.
 */
import { Refusal } from '../../decision.ts';
import type { RequestRecord } from '../../request.ts';
import type { TurnedAway } from '../../turned-away.ts';
import { FloodCounter } from '../flood.ts';
import { Closings } from './closings.ts';
import type { EventContext } from './event-frame.ts';
import type { FlatEvent } from './flat-event.ts';
import { toClosedEvent, toFindingEvent, toFloodEvent } from './gateway-event.ts';
import { toClosingEvent, toRequestEvents } from './request-event.ts';
import { findSecondLock } from './second-lock.ts';

/** What the seal needs of a log: takes one line, says when it is safe. */
export interface AuditSink {
  append(json: string, flat?: FlatEvent): AppendOutcome;
}

export type AppendOutcome =
  | {
      readonly ok: true;
      /** Undefined: written already. Else resolves when it is, rejects where it cannot be. */
      readonly written: Promise<void> | undefined;
    }
  | { readonly ok: false };

export interface AuditSeal {
  /** Before the answer starts. */
  seal(record: RequestRecord): Refusal | undefined | Promise<Refusal | undefined>;
  /** Counts a request of a flood, which has no record and no event of its own. */
  count(turnedAway: TurnedAway): void;
  /** When all is over. */
  observe(record: RequestRecord): void;
  /** Once a second: counts of floods that have ended, and closings that wait. */
  tick(): void;
  /** At the end, before the log is closed: the same, and the count of a flood that still runs. */
  close(): void;
}

export function createAuditSeal(options: {
  readonly sink: AuditSink;
  readonly context: EventContext;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly newUid: () => string;
  /** Whether the sink is handed what the forwarder looks at as well. */
  readonly keepsFlat?: boolean;
  /** Told of events that found no place. */
  readonly lost: (events: number) => void;
}): AuditSeal {
  const { sink, now } = options;
  const floods = new FloodCounter();
  /** Of the events that were made and are not appended yet. */
  const flats: FlatEvent[] = [];
  const flat = options.keepsFlat === true ? (one: FlatEvent) => void flats.push(one) : undefined;
  const context = { ...options.context, flat };
  /** Counted with others of a flood: where no event tells of a request, none closes it. */
  const counted = new WeakSet<RequestRecord>();

  function append(json: string): AppendOutcome {
    const outcome = sink.append(json, flats.shift());
    if (!outcome.ok) options.lost(1);
    return outcome;
  }

  function writeFloods(ended: ReturnType<FloodCounter['turn']>): void {
    for (const count of ended) append(toFloodEvent(count, context, options.newUid()));
  }

  const closings = new Closings((those) => {
    append(toClosedEvent(those, context, { uid: options.newUid(), timeMs: now() }));
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
      writeFloods(floods.turn(now()));
    },
    close() {
      closings.flush();
      writeFloods(floods.turn(now() + 1_000));
    },
  };
}

/** The last is written when all are: a log keeps their order. */
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
