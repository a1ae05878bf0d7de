/**
 * Takes requests in at the door and sees each walk to its end: the answer is sent, what was held is
 * given back, and the record is closed and handed on, whatever happened.
 */

import { describeFault } from './errors.ts';
import type { EndingGateway, GatewayOptions, Inbound, Send, TakeText } from './gateway-options.ts';
import type { RequestRecord } from './request.ts';
import { Roster } from './time/roster.ts';
import { createTimeouts } from './time/timeouts.ts';
import { createDoor, type Entry, noteEntry, refuseAtDoor } from './walk/door.ts';
import { receive } from './walk/receive.ts';
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
    const { inbound, entry, takeText } = from;
    const walk = new Walk(options, inbound, record, { ...entry, timeouts, takeText });
    const place = walks.add(walk);
    try {
      const answer = await walk.run();
      walk.releaseProcessPermit();
      // A refusal is told with the step that refused.
      if (record.refusal === undefined) record.stage = 'answer';
      options.decided?.(record);
      record.aborted = (await from.send(answer)).aborted;
    } catch (error) {
      // Only sending is left to fail here, and then nobody listens.
      record.aborted = true;
      record.faults.push(describeFault(error));
    } finally {
      walks.delete(walk, place);
      walk.release();
      record.durationMs = performance.now() - startedMs;
      options.observe(record);
      if (walks.size === 0) whenEnded?.resolve();
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
      const record = receive(inbound, nowMs, options.isSampled);
      noteEntry(record, entry);
      return refusal === undefined
        ? walkOn(record, { inbound, send, entry, takeText }, startedMs)
        : refuseAtDoor(options, { record, inbound, send, refusal, startedMs });
    },
  };
}

const turnedAway = Promise.resolve();
