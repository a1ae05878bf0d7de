/** The gateway's health, and the troubles to be seen at once. */
import { element } from './dom.js';
import { byAttribute, mostOf, totalOf } from './readings.js';
import { clockTime, count, megabytes, span } from './words.js';

/** @typedef {import('./readings.js').Reading} Reading */

export function toHealth(/** @type {any} */ state, /** @type {Reading[]} */ readings) {
  const ms = (/** @type {string} */ name) => `${(mostOf(readings, name) * 1_000).toFixed(1)} ms`;
  const delay = 'nodejs.eventloop.delay';
  const facts = [
    ['Policies', toPolicy(state)],
    ['Audit trail', toAudit(state, readings)],
    [
      'Under way',
      `${count(totalOf(readings, 'http.server.active_requests'))} of ${count(totalOf(readings, 'gateway.load.limit'))} requests`,
    ],
    ['Shed', count(totalOf(readings, 'gateway.load.shed'))],
    ['Loop delay', `${ms(`${delay}.p50`)}, p99 ${ms(`${delay}.p99`)}, most ${ms(`${delay}.max`)}`],
    ['Memory', toMemory(state.processes)],
    ['Started', toStarted(state)],
    ['Stale lists', toStale(readings)],
    ['Faults', toFaults(state, readings)],
    ['Version', state.version],
  ];
  const pairs = facts
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]);
  return element('dl', {}, pairs);
}

/** What all processes say, without repetitions. */
const distinct = (/** @type {string[]} */ texts) => [...new Set(texts)];

function toPolicy(/** @type {any} */ { processes, nowMs }) {
  const parts = distinct(processes.map((/** @type {any} */ { policy }) => policy.digest)).map(
    (digest) => {
      const own = processes.find((/** @type {any} */ { policy }) => policy.digest === digest);
      const since = span(nowMs - own.policy.loadedAtMs);
      return element(
        'div',
        {},
        element('code', { title: digest }, digest.slice(0, 12)),
        `, in force for ${since}`,
      );
    },
  );
  const complaint = processes.find((/** @type {any} */ { policy }) => policy.complaint)?.policy
    .complaint;
  if (complaint === undefined) return parts;
  const said = `Newer ones were not taken up (${clockTime(complaint.atMs)}):`;
  return [
    ...parts,
    element('div', { class: 'bad' }, said),
    ...complaint.problems.map((/** @type {string} */ line) =>
      element('div', { class: 'bad' }, line),
    ),
  ];
}

function toAudit(/** @type {any} */ { processes }, /** @type {Reading[]} */ readings) {
  if (!processes.some((/** @type {any} */ { hasAudit }) => hasAudit)) return 'none is configured';
  if (mostOf(readings, 'gateway.audit.failing') > 0) {
    return element('span', { class: 'bad' }, 'takes nothing: nothing classified leaves');
  }
  const waiting = totalOf(readings, 'gateway.audit.buffer.records');
  const refused = totalOf(readings, 'gateway.audit.refused');
  const behind = readings.some(({ name }) => name === 'gateway.audit.unshipped.records')
    ? `, ${count(totalOf(readings, 'gateway.audit.unshipped.records'))} not shipped yet`
    : '';
  const lost =
    refused > 0
      ? [element('div', { class: 'bad' }, `${count(refused)} events found no place`)]
      : [];
  return [`writing, ${count(waiting)} waiting${behind}`, ...lost];
}

/** Network lists and the country database, if their files are invalid or missing. */
function toStale(/** @type {Reading[]} */ readings) {
  const stale = byAttribute(readings, 'gateway.network.stale', 'list').filter(([, sum]) => sum > 0);
  if (stale.length === 0) return undefined;
  return element('span', { class: 'bad' }, stale.map(([name]) => name).join(', '));
}

/** The troubles to be seen at once, in a few words each. @returns {string[]} */
export function toTroubles(/** @type {any} */ { processes }) {
  const readings = processes.flatMap((/** @type {any} */ one) => one.readings);
  const open = readings.filter(
    (/** @type {Reading} */ { name, value, attributes }) =>
      name === 'gateway.circuit.state' && value === 1 && attributes.state === 'open',
  );
  const troubles = open.map(
    (/** @type {Reading} */ { attributes }) => `${attributes['gateway.upstream']}: circuit open`,
  );
  if (mostOf(readings, 'gateway.audit.failing') > 0) troubles.push('audit trail takes nothing');
  if (mostOf(readings, 'gateway.policy.stale') > 0) troubles.push('policies not taken up');
  if (mostOf(readings, 'gateway.network.stale') > 0) troubles.push('a list of networks is stale');
  return distinct(troubles);
}

/** Resident memory of all processes, and the largest heap among them. */
function toMemory(/** @type {any[]} */ processes) {
  const rss = processes.map(({ memory }) => memory.rssBytes).filter((one) => one !== undefined);
  const resident = rss.reduce((sum, bytes) => sum + bytes, 0);
  const heap = processes.map(({ memory }) => memory.heapUsedBytes);
  const most = Math.max(...processes.map(({ memory }) => memory.heapLimitBytes));
  return [
    rss.length > 0 && `${megabytes(resident)} resident`,
    `heap ${megabytes(Math.max(...heap))} of ${megabytes(most)}`,
    processes.length > 1 && `in ${processes.length} processes`,
  ]
    .filter(Boolean)
    .join(', ');
}

/** When the first and the last of the processes started. */
function toStarted(/** @type {any} */ { processes, nowMs }) {
  const times = processes.map((/** @type {any} */ one) => one.startedAtMs);
  const [first, last] = [Math.min(...times), Math.max(...times)].map((at) => span(nowMs - at));
  return first === last ? `${first} ago` : `${first} ago, the last process ${last} ago`;
}

function toFaults(/** @type {any} */ { processes }, /** @type {Reading[]} */ readings) {
  const own = processes.reduce(
    (/** @type {number} */ sum, /** @type {any} */ one) => sum + one.faults,
    0,
  );
  const all =
    totalOf(readings, 'gateway.faults') + totalOf(readings, 'gateway.telemetry.faults') + own;
  return all === 0 ? '0' : element('span', { class: 'bad' }, count(all));
}
