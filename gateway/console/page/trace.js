/** The trace of one request: which part took how long, from the record's own clock. */
import { element } from './dom.js';
import { isFailed } from './entry.js';
import { duration } from './words.js';

/** @typedef {{ name: string, note: string, fromMs: number, lengthMs: number, failed: boolean }} Bar */

/** A list of bars; each also gives its time in words. */
export function toTrace(/** @type {import('./entry.js').Entry} */ entry) {
  const totalMs = Math.max(entry.line.durationMs, 0.001);
  const bars = toBars(entry).map((bar) => toItem(bar, totalMs));
  const unlisted = entry.line.upstreamCallCount - entry.line.upstreamCalls.length;
  return [
    element('ol', { class: 'trace' }, bars),
    unlisted > 0 && element('p', { class: 'note' }, `${unlisted} further calls are counted only.`),
  ];
}

/** @returns {Bar[]} */
function toBars({ line, policy, startMs }) {
  const whole = { name: 'request', note: `${line.status}`, fromMs: 0, lengthMs: line.durationMs };
  const decided = policy && {
    name: 'policy decision',
    note: '',
    fromMs: policy.afterMs,
    lengthMs: policy.durationMs,
  };
  const calls = line.upstreamCalls.map((call) => ({
    name: `${call.upstream} ${call.operation}`,
    note: [call.failure ?? call.status, call.attempt === undefined ? '' : `attempt ${call.attempt}`]
      .filter(Boolean)
      .join(', '),
    fromMs: (call.startedAtMs ?? startMs) - startMs,
    lengthMs: call.durationMs,
    failed: isFailed(call),
  }));
  return [whole, ...(decided ? [decided] : []), ...calls].map((bar) => ({ failed: false, ...bar }));
}

function toItem(
  /** @type {Bar} */ { name, note, fromMs, lengthMs, failed },
  /** @type {number} */ totalMs,
) {
  const bar = element('span', { class: failed ? 'bar failed' : 'bar', 'aria-hidden': 'true' });
  const from = Math.min(Math.max(fromMs, 0), totalMs);
  const share = (/** @type {number} */ ms) => `${((100 * ms) / totalMs).toFixed(2)}%`;
  bar.style.setProperty('--from', share(from));
  bar.style.setProperty('--length', share(Math.min(lengthMs, totalMs - from)));
  const time = `${duration(lengthMs)}${from > 0 ? ` after ${duration(from)}` : ''}`;
  return element(
    'li',
    {},
    element('span', { class: 'name' }, name, note && ` ${note}`),
    element('span', { class: 'track', 'aria-hidden': 'true' }, bar),
    element('span', { class: 'number' }, time),
  );
}
