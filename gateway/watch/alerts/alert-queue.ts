/**
 * Alerts that wait for one webhook. Who can bring about alerts at will must not keep back, or push
 * out, the one that tells of them: the most severe go first, detections of one severity in turn, and
 * where there is no room the least severe gives way, of the detection that has most.
 */
import { type Alert, toSeverityId } from '../../alert.ts';

export class AlertQueue {
  readonly #max: number;
  /** In the order in which they came. */
  #waiting: Alert[] = [];
  /** Detection of the one that went last. */
  #last = '';

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** The one that there is no room for, which may be this one; undefined: there is. */
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

  /** The one whose turn it is, which waits no more. */
  take(): Alert | undefined {
    if (this.#waiting.length === 0) return undefined;
    const most = this.#ofSeverity(Math.max(...this.#waiting.map(idOf)));
    const next = most.find(({ detection }) => detection !== this.#last) ?? most[0];
    if (next === undefined) return undefined;
    this.#last = next.detection;
    return this.#remove(next);
  }

  /** All, which wait no more. */
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
