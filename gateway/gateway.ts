/**
 * Takes requests in at the door and sees each walk to its end: whatever happens, the answer is sent,
 * permits are released, and the record is closed and passed on.
 */

import { Refusal } from './decision.ts';
import { describeFault } from './errors.ts';
import type { EndingGateway, GatewayOptions, Inbound, Send, TakeText } from './gateway-options.ts';
import type { RequestRecord } from './request.ts';
import { Roster } from './time/roster.ts';
import { createTimeouts } from './time/timeouts.ts';
import { createDoor, type Entry, noteEntry, refuseAtDoor } from './walk/door.ts';
import { receive } from './walk/receive.ts';
import { showDecided } from './walk/record-notes.ts';
import { Walk } from './walk/walk.ts';

export function createGateway(options: GatewayOptions): EndingGateway {
  const walks = new Roster<Walk>();
  let whenEnded: PromiseWithResolvers<void> | undefined;
  const timeouts = createTimeouts<Walk>((walk) => walk.stopLate());
  options.stopping.addEventListener('abort', () => {
    walks.each((walk) => walk.stop(options.stopping.reason));
  });
  const door = createDoor(options);

  async function walkOn(
    record: RequestRecord,
    from: { inbound: Inbound; send: Send; entry: Entry; takeText: TakeText | undefined },
    startedMs: number,
  ): Promise<void> {
    const { inbound, send, entry, takeText } = from;
    let walk: Walk;
    try {
      walk = new Walk(options, inbound, record, { ...entry, timeouts, takeText });
    } catch (error) {
      entry.permit?.release();
      record.faults.push(describeFault(error));
      const refusal = new Refusal('gateway/internal');
      return await refuseAtDoor(options, { record, inbound, send, refusal, startedMs });
    }
    const place = walks.add(walk);
    try {
      const answer = await walk.run();
      walk.releaseProcessPermit();
      // The record of a refusal keeps the step that refused.
      if (record.refusal === undefined) record.stage = 'answer';
      showDecided(record, options);
      record.aborted = (await send(answer)).aborted;
    } catch (error) {
      // Only sending can fail here, and then its client is gone.
      record.aborted = true;
      record.faults.push(describeFault(error));
    } finally {
      walks.delete(walk, place);
      walk.release();
      record.durationMs = performance.now() - startedMs;
      try {
        options.observe(record);
      } finally {
        if (walks.size === 0) whenEnded?.resolve();
      }
    }
  }

  return {
    ended() {
      if (walks.size === 0) return Promise.resolve();
      whenEnded = Promise.withResolvers();
      return whenEnded.promise;
    },
    handle(inbound, send, takeText) {
      const startedMs = performance.now();
      const nowMs = options.now();
      const entry = door.enter(inbound);
      const { refusal } = entry;
      if (refusal !== undefined && door.turnAway(inbound, entry, { nowMs, startedMs })) {
        return turnedAway;
      }
      let record: RequestRecord;
      try {
        record = receive(inbound, nowMs, options.isSampled);
        noteEntry(record, entry);
      } catch (error) {
        // Without a record nothing can be answered or observed.
        entry.permit?.release();
        throw error;
      }
      return refusal === undefined
        ? walkOn(record, { inbound, send, entry, takeText }, startedMs)
        : refuseAtDoor(options, { record, inbound, send, refusal, startedMs });
    },
  };
}

const turnedAway = Promise.resolve();
