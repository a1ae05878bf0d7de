/**
 * Alerts waiting for one webhook. An attacker who can raise alerts at will must not delay or
 * displace the alert about the attack: the most severe go first, detections of one severity take
 * turns, and a full queue drops the least severe, of the detection that has most waiting.
 */
import { type Alert, toSeverityId } from '../../alert.ts';

export class AlertQueue {
  readonly #max: number;
  /** In the order in which they came. */
  #waiting: Alert[] = [];
  /** Detection of the alert taken last. */
  #last = '';

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** Adds an alert; returns the alert dropped for lack of room, which may be this one. */
  put(alert: Alert): Alert | undefined {
    this.#waiting.push(alert);
    if (this.#waiting.length <= this.#max) return undefined;
    const least = this.#ofSeverity(Math.min(...this.#waiting.map(idOf)));
    const counts = new Map<string, number>();
    for (const { detection } of least) counts.set(detection, (counts.get(detection) ?? 0) + 1);
    const most = Math.max(...counts.values());
    const victim = least.findLast(({ detection }) => counts.get(detection) === most);
    return victim && this.#remove(victim);
  }

  /** Removes and returns the next alert to send. */
  take(): Alert | undefined {
    if (this.#waiting.length === 0) return undefined;
    const most = this.#ofSeverity(Math.max(...this.#waiting.map(idOf)));
    const next = most.find(({ detection }) => detection !== this.#last) ?? most[0];
    if (next === undefined) return undefined;
    this.#last = next.detection;
    return this.#remove(next);
  }

  /** Removes and returns all alerts. */
  clear(): readonly Alert[] {
    const left = this.#waiting;
    this.#waiting = [];
    return left;
  }

  #ofSeverity(id: number): Alert[] {
    return this.#waiting.filter((alert) => idOf(alert) === id);
  }

  #remove(alert: Alert): Alert {
    this.#waiting.splice(this.#waiting.indexOf(alert), 1);
    return alert;
  }
}

const idOf = ({ severity }: Alert): number => toSeverityId(severity);
