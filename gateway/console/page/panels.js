/** The panels beside the decisions: exposure, refusals, rates, upstreams, health, alerts. */
import { byId, element, fill, table } from './dom.js';
import { toHealth } from './health.js';
import { byAttribute } from './readings.js';
import { clockTime, count } from './words.js';

/** @typedef {import('./readings.js').Reading} Reading */

const windows = ['last hour', 'last day', 'since start'];
const rowsMax = 12;

/** Fills all panels from the gateway's last answer. */
export function showPanels(/** @type {any} */ state) {
  const readings = state.processes.flatMap((/** @type {any} */ one) => one.readings);
  put('exposure', toExposure(state.processes), 'Nothing classified has left.');
  put('refusals', toRefusals(readings), 'Nothing was refused.');
  put('rates', toRates(state.processes), 'No rate was near its limit.');
  put('upstreams', toUpstreams(readings), 'Nothing is known of them.');
  put('health', [toHealth(state, readings)], '');
  showAlerts(state.processes);
}

function put(/** @type {string} */ id, /** @type {Node[]} */ parts, /** @type {string} */ nothing) {
  const target = /** @type {Element} */ (document.querySelector(`#${id} > div`));
  fill(target, parts.length > 0 ? parts : [element('p', { class: 'note' }, nothing)]);
}

/** Adds up the counts of several processes by a name. */
function sumBy(
  /** @type {any[]} */ rows,
  /** @type {(row: any) => string} */ nameOf,
  /** @type {string[]} */ keys,
) {
  const sums = new Map();
  for (const row of rows) {
    const sum = sums.get(nameOf(row)) ?? {
      ...row,
      ...Object.fromEntries(keys.map((key) => [key, [0, 0, 0]])),
    };
    for (const key of keys) {
      sum[key] = sum[key].map(
        (/** @type {number} */ value, /** @type {number} */ at) => value + row[key][at],
      );
    }
    sums.set(nameOf(row), sum);
  }
  return [...sums.values()];
}

function toExposure(/** @type {any[]} */ processes) {
  const rows = sumBy(
    processes.flatMap(({ exposure }) => exposure),
    (row) => `${row.class}\n${row.rule}`,
    ['clear', 'masked'],
  );
  const cells = (/** @type {any} */ row) =>
    windows.map((_, at) => withMasked(row.clear[at], row.masked[at]));
  const sorted = rows.sort(
    (one, other) => compare(one.class, other.class) || other.clear[2] - one.clear[2],
  );
  if (rows.length === 0) return [];
  return [
    table(
      ['class, rule', ...windows],
      sorted
        .slice(0, rowsMax)
        .map((row) => [[row.class, element('small', {}, row.rule)], ...cells(row)]),
    ),
  ];
}

const compare = (/** @type {string} */ one, /** @type {string} */ other) =>
  one < other ? -1 : Number(one > other);

const withMasked = (/** @type {number} */ clear, /** @type {number} */ masked) =>
  masked === 0 ? count(clear) : [count(clear), element('small', {}, `${count(masked)} masked`)];

function toRefusals(/** @type {Reading[]} */ readings) {
  const rows = byAttribute(readings, 'gateway.refusals', 'reason').filter(([, sum]) => sum > 0);
  if (rows.length === 0) return [];
  return [
    table(
      ['reason', 'requests'],
      rows.slice(0, rowsMax).map(([name, sum]) => [name, count(sum)]),
    ),
  ];
}

function toRates(/** @type {any[]} */ processes) {
  const rows = sumBy(
    processes.flatMap(({ rates }) => rates),
    (row) => row.rate,
    ['near', 'refused'],
  );
  if (rows.length === 0) return [];
  const cells = (/** @type {any} */ row) =>
    [0, 2].flatMap((at) => [count(row.near[at]), count(row.refused[at])]);
  const sorted = rows.sort(
    (one, other) => other.refused[0] - one.refused[0] || other.near[0] - one.near[0],
  );
  return [
    table(
      ['rate', 'near 1 h', 'refused 1 h', 'near', 'refused'],
      sorted.slice(0, rowsMax).map((row) => [row.rate, ...cells(row)]),
    ),
  ];
}

/** Gravest first, in case processes differ. */
const circuits = ['open', 'half-open', 'closed'];

/** Callers have circuits of their own, and with few callers an outage may show only there. */
const callersOut = (/** @type {number} */ callers) =>
  callers === 0 ? '' : `not for ${count(callers)} ${callers === 1 ? 'caller' : 'callers'}`;

function toUpstreams(/** @type {Reading[]} */ readings) {
  const states = readings.filter(
    ({ name, value }) => name === 'gateway.circuit.state' && value === 1,
  );
  const names = [
    ...new Set(states.map(({ attributes }) => String(attributes['gateway.upstream']))),
  ];
  if (names.length === 0) return [];
  const sum = (/** @type {string} */ metric, /** @type {string} */ name) =>
    byAttribute(readings, metric, 'gateway.upstream').find(([key]) => key === name)?.[1] ?? 0;
  const rows = names.map((name) => {
    const own = states.filter(({ attributes }) => attributes['gateway.upstream'] === name);
    const state = circuits.find((one) => own.some(({ attributes }) => attributes.state === one));
    return [
      name,
      [
        element('span', { class: `circuit ${state}` }, state),
        element('small', {}, callersOut(sum('gateway.circuit.callers', name))),
      ],
      count(sum('gateway.upstream.in_flight', name)),
      count(sum('gateway.upstream.waiting', name)),
    ];
  });
  return [table(['upstream', 'circuit', 'in flight', 'waiting'], rows)];
}

function showAlerts(/** @type {any[]} */ processes) {
  const known = processes.filter(({ alerts }) => alerts !== undefined);
  byId('alerts').hidden = known.length === 0;
  const alerts = known
    .flatMap((one) => one.alerts)
    .sort((one, other) => other.timeMs - one.timeMs)
    .slice(0, 50);
  const items = alerts.map(({ timeMs, detection, severity, title }) =>
    element(
      'li',
      { class: severity },
      element('span', { class: 'note' }, `${clockTime(timeMs)} ${severity} `),
      `${title} `,
      element('code', {}, detection),
    ),
  );
  put('alerts', items.length > 0 ? [element('ul', {}, items)] : [], 'None.');
}
