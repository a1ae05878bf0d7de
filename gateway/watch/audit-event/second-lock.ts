/**
 * What a request's record says about the second locks: behind a plan that let something through
 * stands a lock that did not. An alert, not a refusal: the first lock has a hole. Pure.
 */
import { SecondLockRefusal } from '../../errors.ts';
import type { RequestRecord } from '../../request.ts';
import type { Finding } from './gateway-event.ts';

const words = new SecondLockRefusal().message;
/** Behind them, where one field was refused. */
const coordinateForm = /: (\w+\.\w+)$/;

/** The finding that such a request raises; undefined for any other. */
export function findSecondLock(record: RequestRecord): Finding | undefined {
  const refused = record.faults.filter((fault) => fault.includes(words));
  if (refused.length === 0) return undefined;
  const coordinates = refused.flatMap((fault) => coordinateForm.exec(fault)?.[1] ?? []);
  const { caller } = record;
  return {
    detector: 'second_lock',
    title: 'A second lock refused what the plan had let through',
    timeMs: record.startedAtMs,
    severity: 5,
    request: record.id,
    caller: caller?.subject ?? caller?.client ?? 'anonymous',
    address: record.clientAddress ?? record.peer,
    coordinates: [...new Set(coordinates)],
  };
}
