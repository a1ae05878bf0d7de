/** What stands beside the decisions: exposure, refusals, rates, upstreams, health, alerts. */
import { byId, element, fill, table } from './dom.js';
import { clockTime, count, megabytes, span } from './words.js';

/** @typedef {{ name: string, attributes: Record<string, string>, value: number }} Reading */

const windows = ['last hour', 'last day', 'since start'];
const rowsMax = 12;

/** Fills all of them with what the gateway said last. */
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

/** Adds up counts of several processes by a name. */
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

const totalOf = (/** @type {Reading[]} */ readings, /** @type {string} */ name) =>
  readings.filter((one) => one.name === name).reduce((sum, { value }) => sum + value, 0);

const mostOf = (/** @type {Reading[]} */ readings, /** @type {string} */ name) =>
  Math.max(0, ...readings.filter((one) => one.name === name).map(({ value }) => value));

/** Adds up one metric by one attribute, greatest first. @returns {[string, number][]} */
function byAttribute(
  /** @type {Reading[]} */ readings,
  /** @type {string} */ name,
  /** @type {string} */ attribute,
) {
  const sums = new Map();
  for (const one of readings) {
    if (one.name !== name) continue;
    const key = String(one.attributes[attribute] ?? '');
    sums.set(key, (sums.get(key) ?? 0) + one.value);
  }
  return [...sums].sort(([, one], [, other]) => other - one);
}

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

/** The gravest first, where processes differ. */
const circuits = ['open', 'half-open', 'closed'];

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
      element('span', { class: `circuit ${state}` }, state),
      count(sum('gateway.upstream.in_flight', name)),
      count(sum('gateway.upstream.waiting', name)),
    ];
  });
  return [table(['upstream', 'circuit', 'in flight', 'waiting'], rows)];
}

function toHealth(/** @type {any} */ state, /** @type {Reading[]} */ readings) {
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
    ['Memory', state.processes.map(toMemory).join('; ')],
    [
      'Started',
      state.processes
        .map((/** @type {any} */ one) => `${span(state.nowMs - one.startedAtMs)} ago`)
        .join('; '),
    ],
    ['Stale lists', toStale(readings)],
    ['Faults', toFaults(state, readings)],
    ['Version', state.version],
  ];
  const pairs = facts
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]);
  return element('dl', {}, pairs);
}

/** What all processes say, once; several things where they differ. */
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

/** Lists of networks, and the database of countries, whose files are bad or gone. */
function toStale(/** @type {Reading[]} */ readings) {
  const stale = byAttribute(readings, 'gateway.network.stale', 'list').filter(([, sum]) => sum > 0);
  if (stale.length === 0) return undefined;
  return element('span', { class: 'bad' }, stale.map(([name]) => name).join(', '));
}

/** What wants to be seen at once, in a few words each. @returns {string[]} */
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

const toMemory = (/** @type {any} */ { memory: { rssBytes, heapUsedBytes, heapLimitBytes } }) =>
  `${rssBytes === undefined ? '' : `${megabytes(rssBytes)} resident, `}heap ${megabytes(heapUsedBytes)} of ${megabytes(heapLimitBytes)}`;

function toFaults(/** @type {any} */ { processes }, /** @type {Reading[]} */ readings) {
  const own = processes.reduce(
    (/** @type {number} */ sum, /** @type {any} */ one) => sum + one.faults,
    0,
  );
  const all =
    totalOf(readings, 'gateway.faults') + totalOf(readings, 'gateway.telemetry.faults') + own;
  return all === 0 ? '0' : element('span', { class: 'bad' }, count(all));
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
