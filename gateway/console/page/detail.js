/** Why a request was decided as it was, which values were sent, and its trace. */
import { copyButton, element, table } from './dom.js';
import { toTrace } from './trace.js';
import { askedWords, count, duration, outcomeWords, shadowedWords } from './words.js';

/** @typedef {import('./entry.js').Entry} Entry */

/**
 * The parts of the detail of one entry.
 * @param {Entry} entry
 * @param {{ reasons: Record<string, string>, owners?: Record<string, string> }} about
 */
export function toDetail(entry, { reasons, owners }) {
  const isLimited = entry.line.reason === 'rates/limited';
  return [
    ...toReason(entry, reasons),
    ...(isLimited ? toCharges(entry) : []),
    ...toDenials(entry),
    ...toDelivered(entry),
    ...toShadows(entry),
    ...toNotes('Upstreams left places empty', entry.line.failures),
    ...toNotes('Faults of the gateway', entry.line.faults),
    element('h3', {}, 'Trace'),
    ...toTrace(entry),
    toFacts(entry),
    ...(isLimited ? [] : toCharges(entry)),
    ...(owners === undefined ? [] : toQuestions(entry, new Map(Object.entries(owners)))),
  ].filter((part) => part instanceof Node);
}

function toReason(/** @type {Entry} */ entry, /** @type {Record<string, string>} */ reasons) {
  const { outcome, line } = entry;
  const { reason, coordinates = [] } = line;
  if (reason === undefined) return [element('p', { class: 'lead' }, `${outcomeWords[outcome]}.`)];
  return [
    element(
      'p',
      { class: 'lead' },
      element('code', { class: outcome }, reason),
      ` ${reasons[reason] ?? ''}`,
    ),
    coordinates.length > 0 && element('p', {}, 'About ', listOf(coordinates)),
  ];
}

const listOf = (/** @type {string[]} */ names) =>
  names.flatMap((name, at) => [at > 0 ? ', ' : '', element('code', {}, name)]);

function toDenials({ denials, line }) {
  const { denied = [], deniedCount = 0, masked = [] } = line;
  const parts = [];
  const without = denied.filter((name) => denials.every(({ coordinate }) => coordinate !== name));
  const rows = [
    ...denials.map(({ coordinate, rule, classes, scopes, asks = [], stepUp }) => [
      element('code', {}, coordinate),
      rule === undefined ? 'no rule names it' : rule,
      classes.join(', '),
      stepUp ? 'a new sign-in would do' : [...scopes, ...asks.map(askedWords)].join(', '),
    ]),
    ...without.map((name) => [element('code', {}, name), '', '', '']),
  ];
  if (rows.length > 0) {
    const scopesHead = 'The rule asks for';
    parts.push(
      element('h3', {}, 'Refused fields'),
      wide(table(['Field', 'Rule', 'Classes', scopesHead], rows)),
    );
  }
  if (deniedCount > denied.length) {
    parts.push(element('p', { class: 'note' }, `${count(deniedCount)} fields in all.`));
  }
  if (masked.length > 0) {
    parts.push(element('h3', {}, 'Masked fields'), element('p', {}, listOf(masked)));
  }
  return parts;
}

function toDelivered(/** @type {Entry} */ { delivered }) {
  if (delivered.length === 0) return [];
  const rows = delivered.map(({ coordinate, rule, classes, count: all, masked }) => [
    element('code', {}, coordinate),
    rule,
    classes.join(', '),
    count(all - masked),
    count(masked),
  ]);
  return [
    element('h3', {}, 'Classified values that left'),
    wide(table(['Field', 'Rule', 'Classes', 'Clear', 'Masked'], rows)),
  ];
}

/** Effects that rules in shadow mode would have had; only names of policies and schema. */
function toShadows(/** @type {Entry} */ { line }) {
  const { shadows = [] } = line;
  if (shadows.length === 0) return [];
  const items = shadows.map(({ rule, effect, coordinates }) => {
    const about = coordinates.length > 0 ? [': ', ...listOf(coordinates)] : [];
    return element('li', {}, `${shadowedWords(effect)} by ${rule} (in shadow mode)`, ...about);
  });
  return [element('h3', {}, 'Shadow mode'), element('ul', {}, items)];
}

function toCharges(/** @type {Entry} */ { line }) {
  const { charges = [], localRates } = line;
  if (charges.length === 0) return [];
  const rows = charges.map(({ rate, amount, remaining, near, exhausted }) => [
    rate,
    count(amount),
    `${count(Math.max(0, remaining))}${exhausted ? ', too little' : near ? ', near' : ''}`,
  ]);
  return [
    element('h3', {}, 'Rates'),
    wide(table(['Rate', 'Charged', 'Left'], rows)),
    localRates && element('p', { class: 'note' }, 'Counted without the shared store.'),
  ];
}

function toNotes(/** @type {string} */ title, /** @type {string[]} */ notes = []) {
  if (notes.length === 0) return [];
  const items = notes.map((note) => element('li', {}, note));
  return [element('h3', {}, title), element('ul', {}, items)];
}

function toFacts(/** @type {Entry} */ { line, slot }) {
  const facts = /** @type {[string, unknown][]} */ ([
    ['Trace', withCopy(line.traceId, 'the trace id')],
    ['Request', withCopy(line.id, 'the request id')],
    ['Document', line.document],
    ['Ended in step', line.stage],
    ['Engine', [line.engine, line.engineReason].filter(Boolean).join(': ')],
    ['Cost', line.cost],
    ['Fields allowed', line.allowed],
    ['Answer', line.responseBytes > 0 ? `${count(line.responseBytes)} bytes` : undefined],
    ['Took', duration(line.durationMs)],
    ['Country', line.country],
    ['Dropped by the issuer’s ceiling', line.dropped],
    ['Worker', slot],
  ]);
  const pairs = facts
    .filter(([, value]) => value !== undefined && value !== '')
    .flatMap(([name, value]) => [
      element('dt', {}, name),
      element('dd', {}, /** @type {any} */ (value)),
    ]);
  return element('dl', {}, pairs);
}

const withCopy = (/** @type {string} */ text, /** @type {string} */ what) => [
  element('code', {}, text),
  ' ',
  copyButton(text, what),
];

const questionsMax = 5;

/**
 * Commands for the audit trail, which needs its keys: the console cannot read it. Values are asked
 * for under the type of their owner; TYPE stands for it where only the place in the answer says.
 */
function toQuestions(
  /** @type {Entry} */ { delivered, startMs },
  /** @type {Map<string, string>} */ owners,
) {
  const since = new Date(startMs).toISOString();
  const all = new Set(owners.values());
  const only = all.size === 1 ? [...all][0] : undefined;
  const lines = delivered.slice(0, questionsMax).map(({ coordinate }) => {
    const owner = owners.get(coordinate.split('.')[0] ?? '') ?? only ?? 'TYPE';
    return `npx fieldgate audit who-saw ${owner} ID --field ${coordinate} --since ${since}`;
  });
  if (lines.length === 0) return [];
  const isOpen = lines.some((line) => line.includes(' TYPE ID '));
  const note = `Where the keys of the audit trail are, with the owner’s id for ID${isOpen ? ' and their type for TYPE' : ''}:`;
  return [
    element('h3', {}, 'Who saw whose'),
    element('p', { class: 'note' }, note),
    ...lines.map((line) => element('p', {}, withCopy(line, 'the command'))),
  ];
}

const wide = (/** @type {Node} */ inner) => element('div', { class: 'wide' }, inner);
