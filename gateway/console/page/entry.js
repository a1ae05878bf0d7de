/** A decision as the page uses it, made from the gateway's JSON. */

/**
 * @typedef {{ coordinate: string, rule?: string, classes: string[], scopes: string[],
 *   asks?: string[], stepUp?: true }} Denial
 * @typedef {{ coordinate: string, rule: string, classes: string[], count: number, masked: number }} Delivered
 * @typedef {{ upstream: string, operation: string, status: number, durationMs: number,
 *   responseBytes: number, failure?: string, attempt?: number, startedAtMs?: number }} Call
 * @typedef {{ rate: string, amount: number, remaining: number, near: boolean,
 *   exhausted?: true }} Charge
 * @typedef {{ rule: string, effect: string, coordinates: string[] }} Shadow
 * @typedef {{ time: string, id: string, traceId: string, stage: string, status: number,
 *   durationMs: number, responseBytes: number, aborted?: boolean, reason?: string,
 *   coordinates?: string[], operation?: string, document?: string, allowed?: number,
 *   denied?: string[], deniedCount?: number, masked?: string[], dropped?: number,
 *   country?: string, cost?: number, charges?: Charge[], localRates?: boolean,
 *   shadows?: Shadow[], engine?: string,
 *   engineReason?: string, upstreamCalls: Call[], upstreamCallCount: number, failures?: string[],
 *   faults?: string[] }} Line the log's line
 * @typedef {{ seq: number, name?: string, policy?: { afterMs: number, durationMs: number },
 *   denials: Denial[], delivered: Delivered[], line: Line }} Decision
 */

export class Entry {
  /**
   * @param {Decision} decision
   * @param {{ epoch: string, slot?: number }} of the process that decided
   */
  constructor(decision, { epoch, slot }) {
    const { line, denials, delivered, name, policy } = decision;
    this.key = `${epoch}.${decision.seq}`;
    this.slot = slot;
    this.line = line;
    this.denials = denials;
    this.delivered = delivered;
    this.policy = policy;
    this.startMs = Date.parse(line.time);
    this.endMs = this.startMs + line.durationMs;
    this.outcome = toOutcome(line);
    this.classes = [
      ...new Set([...denials, ...delivered].flatMap(({ classes }) => classes)),
    ].sort();
    this.operation = [line.operation, name].filter(Boolean).join(' ') || 'no operation';
    this.why = toWhy(line);
    this.haystack = toHaystack(this).toLowerCase();
  }
}

/**
 * Same as in metrics and spans: the gravest outcome wins. @returns {import('./words.js').Outcome}
 */
function toOutcome(/** @type {Line} */ line) {
  const { reason, faults, aborted, upstreamCalls } = line;
  if (reason === 'gateway/internal' || (faults ?? []).length > 0) return 'error';
  if (reason === 'gateway/closed-by-caller' || aborted) return 'aborted';
  if (reason !== undefined) return 'refused';
  if ((line.deniedCount ?? 0) > 0) return 'denied';
  if (upstreamCalls.some(isFailed)) return 'failed';
  return (line.masked ?? []).length > 0 ? 'masked' : 'allowed';
}

/** Whether a call to an upstream failed. */
export const isFailed = (/** @type {Call} */ { failure, status }) =>
  failure !== undefined || status >= 500;

/** The reason in a few words, for a row. */
function toWhy(/** @type {Line} */ line) {
  const { reason, coordinates = [], denied = [], deniedCount = 0, masked = [], failures } = line;
  if (reason !== undefined) {
    const exhausted = (line.charges ?? []).filter((charge) => charge.exhausted);
    const about = reason === 'rates/limited' ? exhausted.map(({ rate }) => rate) : coordinates;
    return [reason, short(about, about.length)].join(' ').trim();
  }
  const parts = [];
  if (deniedCount > 0) parts.push(`denied ${short(denied, deniedCount)}`);
  if (masked.length > 0) parts.push(`masked ${short(masked, masked.length)}`);
  const failed = line.upstreamCalls.filter(isFailed);
  if (failed.length > 0) parts.push(`failed ${failed[0]?.upstream ?? ''}`);
  else if (failures?.[0] !== undefined) parts.push(`left empty: ${failures[0]}`);
  return parts.join(', ');
}

const short = (/** @type {string[]} */ list, /** @type {number} */ total) =>
  list.length === 0 ? '' : `${list[0]}${total > 1 ? ` and ${total - 1} more` : ''}`;

/** All texts that the search covers. */
function toHaystack(/** @type {Entry} */ { line, operation, denials, delivered }) {
  const { reason, coordinates, denied, masked, upstreamCalls, charges, shadows } = line;
  return [
    ...[line.id, line.traceId, line.document, reason, operation, line.engine, String(line.status)],
    ...[...(coordinates ?? []), ...(denied ?? []), ...(masked ?? [])],
    ...[...denials, ...delivered].flatMap((one) => [one.coordinate, one.rule, ...one.classes]),
    ...upstreamCalls.flatMap((call) => [call.upstream, call.operation]),
    ...(charges ?? []).map(({ rate }) => rate),
    ...(shadows ?? []).map(({ rule }) => rule),
  ].join(' ');
}
