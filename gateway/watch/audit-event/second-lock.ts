/**
 * Finds in a request's record that a second lock refused what the plan had let through. This raises
 * an alert and refuses nothing more: the first lock has a hole. Pure.
 */
import { SecondLockRefusal } from '../../errors.ts';
import type { RequestRecord } from '../../request.ts';
import type { Finding } from './gateway-event.ts';

const words = new SecondLockRefusal().message;
/** Follows the words if a single field was refused. */
const coordinateForm = /: (\w+\.\w+)$/;

/** The finding that the request raises; undefined if no second lock refused. */
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
