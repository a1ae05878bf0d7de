/** The page: polls, filters, shows. It changes nothing in the gateway and stores nothing. */
import { toDetail } from './detail.js';
import { byId, element, fill } from './dom.js';
import { startFeed } from './feed.js';
import { createFilter } from './filter.js';
import { toTroubles } from './health.js';
import { showPanels } from './panels.js';
import { createRows } from './rows.js';
import { clockTime, count } from './words.js';

/** The words for reasons; without them, decisions are shown all the same. */
const reasons = await fetch('reasons.json')
  .then((response) => response.json())
  .catch(() => ({}));
const rows = createRows(open);
const filter = createFilter(show);
const pause = byId('pause');
const detail = byId('detail');

/**
 * The entries shown while paused; undefined otherwise. @type {import('./entry.js').Entry[] |
 * undefined}
 */
let held;
/** Key of the entry whose detail is shown; '' if none. */
let shownKey = '';
/** @type {{ atMs: number, requests: number, refused: number } | undefined} */
let before;
let perSecond = { requests: 0, refused: 0 };

const feed = startFeed({
  changed() {
    if (feed.problem !== '') fill(byId('summary'), []);
    else {
      measure(feed.state);
      showPanels(feed.state);
      showSummary(feed.state);
    }
    show();
  },
});

function show() {
  const { entries, problem, skipped } = feed;
  filter.offer(held ?? entries);
  const found = filter.apply(held ?? entries);
  const inTable = rows.show(found);
  byId('nothing').textContent = emptyText(entries.length > 0);
  const seen = new Set(held);
  const waiting = held === undefined ? 0 : entries.filter((entry) => !seen.has(entry)).length;
  byId('shown').textContent = [
    `${count(inTable)} of ${count((held ?? entries).length)} decisions`,
    waiting > 0 ? `${count(waiting)} new while paused` : '',
    skipped > 0 ? `${count(skipped)} went by too fast to be shown` : '',
  ]
    .filter(Boolean)
    .join(' · ');
  say(connection(problem));
}

/** Why the table is empty. */
function emptyText(/** @type {boolean} */ hasEntries) {
  if (hasEntries) return 'None of them fits.';
  return feed.answeredAtMs > 0 ? 'Nothing to show yet.' : '';
}

function connection(/** @type {string} */ problem) {
  if (problem !== '') {
    const since =
      feed.answeredAtMs > 0 ? `; last answer at ${clockTime(feed.answeredAtMs).slice(0, 8)}` : '';
    return { text: `Not connected: ${problem}${since}`, state: 'bad' };
  }
  return held === undefined ? { text: 'Live', state: 'live' } : { text: 'Paused', state: 'paused' };
}

/** Set only when it changes, since a screen reader reads it out. */
function say(/** @type {{ text: string, state: string }} */ { text, state }) {
  const target = byId('connection');
  if (target.textContent !== text) target.textContent = text;
  target.className = state;
}

/** Requests per second, between two answers. */
function measure(/** @type {any} */ { processes, nowMs }) {
  const sum = (/** @type {string} */ name) =>
    processes
      .flatMap((/** @type {any} */ one) => one.readings)
      .filter((/** @type {any} */ one) => one.name === name)
      .reduce((/** @type {number} */ total, /** @type {any} */ { value }) => total + value, 0);
  const now = {
    atMs: nowMs,
    requests: sum('http.server.request.duration'),
    refused: sum('gateway.refusals'),
  };
  if (before !== undefined && now.atMs > before.atMs) {
    const seconds = (now.atMs - before.atMs) / 1_000;
    // A worker that was replaced starts at zero.
    perSecond = {
      requests: Math.max(0, now.requests - before.requests) / seconds,
      refused: Math.max(0, now.refused - before.refused) / seconds,
    };
  }
  before = now;
}

function showSummary(/** @type {any} */ state) {
  const { isReady, workers, missing, processes } = state;
  const digests = new Set(processes.map((/** @type {any} */ { policy }) => policy.digest));
  const items = [
    [isReady ? 'ready' : 'draining', isReady ? '' : 'bad'],
    workers && [
      `${workers.ready} of ${workers.wanted} workers${workers.ended > 0 ? `, ${count(workers.ended)} ended unasked` : ''}`,
      workers.ready < workers.wanted ? 'bad' : '',
    ],
    missing > 0 && [`${count(missing)} of the workers did not answer`, 'bad'],
    digests.size > 1 && ['workers have different policies', 'bad'],
    [`${perSecond.requests.toFixed(1)} requests/s`, ''],
    [`${perSecond.refused.toFixed(1)} refused/s`, ''],
    ...toTroubles(state).map((text) => [text, 'bad']),
  ].filter(Boolean);
  fill(
    byId('summary'),
    items.map(([text, state]) => element('li', { class: state }, text)),
  );
}

function open(/** @type {import('./entry.js').Entry} */ entry) {
  shownKey = entry.key;
  rows.mark(shownKey);
  const owners = feed.state.processes.find((/** @type {any} */ one) => one.hasAudit)?.owners;
  const title = byId('detail-title');
  title.textContent = `${entry.outcome}, ${entry.operation}, ${clockTime(entry.endMs)}`;
  byId('detail-body').replaceChildren(...toDetail(entry, { reasons, owners }));
  detail.hidden = false;
  title.focus();
  detail.scrollIntoView({ block: 'nearest' });
}

function close() {
  if (detail.hidden) return;
  detail.hidden = true;
  rows.mark('');
  rows.focus(shownKey);
  shownKey = '';
}

byId('close').addEventListener('click', close);
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && event.target !== byId('text')) close();
});
pause.addEventListener('click', () => {
  held = held === undefined ? feed.entries : undefined;
  pause.setAttribute('aria-pressed', String(held !== undefined));
  pause.textContent = held === undefined ? 'Pause' : 'Go on';
  show();
});
