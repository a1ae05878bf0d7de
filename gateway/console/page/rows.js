/** The table of decisions, newest first. Rows stay where they are while others come above them. */
import { byId, element } from './dom.js';
import { isFailed } from './entry.js';
import { clockTime, count, duration, outcomeWords } from './words.js';

/** Rows in the table; the filter reaches the others. */
const rowsMax = 300;

/** @param {(entry: import('./entry.js').Entry) => void} choose */
export function createRows(choose) {
  const body = /** @type {HTMLTableSectionElement} */ (document.querySelector('#decisions tbody'));
  /** @type {Map<string, HTMLElement>} */
  let made = new Map();
  let chosen = '';
  body.addEventListener('keydown', (event) => step(body, event));

  function rowOf(/** @type {import('./entry.js').Entry} */ entry) {
    const row = made.get(entry.key) ?? toRow(entry, () => choose(entry));
    setChosen(row, entry.key === chosen);
    return row;
  }

  return {
    /** Shows the entries; returns how many are in the table. */
    show(/** @type {import('./entry.js').Entry[]} */ entries) {
      const rows = entries.slice(0, rowsMax).map((entry) => [entry.key, rowOf(entry)]);
      made = new Map(/** @type {[string, HTMLElement][]} */ (rows));
      const kept = new Set(made.values());
      for (const row of [...body.children]) {
        if (!kept.has(/** @type {HTMLElement} */ (row))) row.remove();
      }
      // Rows that stay are not moved, since one may have the focus.
      let at = body.firstElementChild;
      for (const row of kept) {
        if (row === at) at = at.nextElementSibling;
        else body.insertBefore(row, at);
      }
      byId('nothing').hidden = made.size > 0;
      return made.size;
    },
    /** Marks one row as chosen, or none. */
    mark(/** @type {string} */ key) {
      setChosen(made.get(chosen), false);
      chosen = key;
      setChosen(made.get(chosen), true);
    },
    /** Returns the focus to the row that the reader came from. */
    focus(/** @type {string} */ key) {
      /** @type {HTMLElement | null | undefined} */
      const button = made.get(key)?.querySelector('button');
      button?.focus();
    },
  };
}

function setChosen(/** @type {HTMLElement | undefined} */ row, /** @type {boolean} */ isChosen) {
  row?.classList.toggle('chosen', isChosen);
  if (isChosen) row?.setAttribute('aria-current', 'true');
  else row?.removeAttribute('aria-current');
}

/** Moves the focus up and down between rows. */
function step(/** @type {HTMLElement} */ body, /** @type {KeyboardEvent} */ event) {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const row = document.activeElement?.closest('tr');
  if (row === null || row === undefined || !body.contains(row)) return;
  event.preventDefault();
  const next = event.key === 'ArrowDown' ? row.nextElementSibling : row.previousElementSibling;
  next?.querySelector('button')?.focus();
}

/** @param {import('./entry.js').Entry} entry @param {() => void} choose */
function toRow(entry, choose) {
  const { line, outcome, classes, endMs } = entry;
  const time = new Date(endMs).toISOString();
  const clock = clockTime(endMs);
  const label = `${clock}, ${outcome}, ${entry.operation}`;
  const button = element('button', { type: 'button', title: time, 'aria-label': label }, clock);
  const failed = line.upstreamCalls.filter(isFailed).length;
  const row = element(
    'tr',
    { class: outcome },
    element('td', {}, button),
    element('td', { class: 'outcome', title: outcomeWords[outcome] }, outcome),
    element('td', { class: 'number' }, line.status === 0 ? '' : line.status),
    element('td', { class: 'operation', title: line.document }, operationOf(entry)),
    element('td', { class: 'why', title: entry.why }, entry.why),
    element('td', { class: 'classes', title: classes.join(', ') }, toShort(classes)),
    element('td', { class: 'number' }, callsOf(line.upstreamCallCount, failed)),
    element('td', { class: 'number' }, duration(line.durationMs)),
  );
  row.addEventListener('click', choose);
  return row;
}

const operationOf = (/** @type {import('./entry.js').Entry} */ { operation, line }) =>
  line.document === undefined
    ? [operation]
    : [`${operation} `, element('code', {}, line.document.slice(0, 8))];

const callsOf = (/** @type {number} */ calls, /** @type {number} */ failed) =>
  failed === 0 ? count(calls) : `${count(calls)}, ${failed} failed`;

/** As many classes as fit. */
const toShort = (/** @type {string[]} */ classes) =>
  classes.length > 2
    ? `${classes.slice(0, 2).join(', ')} +${classes.length - 2}`
    : classes.join(', ');
