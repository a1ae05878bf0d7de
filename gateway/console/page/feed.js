/**
 * Polls the gateway once a second while the page is visible: one request at a time, with longer and
 * longer pauses while there is no answer.
 */
import { Entry } from './entry.js';

const everyMs = 1_000;
const slowestMs = 15_000;
/** Decisions that the page keeps. */
const entriesMax = 2_000;

/**
 * @param {{ changed: (feed: ReturnType<typeof startFeed>) => void }} listener
 */
export function startFeed({ changed }) {
  const feed = {
    /** Newest first. @type {Entry[]} */
    entries: [],
    /** The gateway's last answer. @type {any} */
    state: undefined,
    /** Why there is no answer; '' if there is one. */
    problem: '',
    answeredAtMs: 0,
    /** Decisions that were evicted before they could be fetched. */
    skipped: 0,
  };
  /** Number of the last decision that was read, by process. */
  let places = new Map();
  let failures = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  async function ask() {
    timer = undefined;
    try {
      const after = [...places].map(([epoch, last]) => `${epoch}.${last}`).join('_');
      take(await read(`state?after=${after}`));
      failures = 0;
      feed.problem = '';
      feed.answeredAtMs = Date.now();
    } catch (error) {
      failures += 1;
      feed.problem = error instanceof Error ? error.message : String(error);
    }
    changed(feed);
    later();
  }

  function take(/** @type {any} */ state) {
    feed.state = state;
    const next = new Map();
    const fresh = [];
    for (const one of state.processes) {
      // Decisions from before the page was opened do not count as skipped.
      if (places.has(one.epoch)) feed.skipped += one.skipped;
      next.set(one.epoch, one.last);
      fresh.push(...one.decisions.map((/** @type {any} */ decision) => new Entry(decision, one)));
    }
    // A worker that did not answer this time keeps its position.
    if (state.missing > 0)
      for (const [epoch, last] of places) if (!next.has(epoch)) next.set(epoch, last);
    places = next;
    if (fresh.length === 0) return;
    feed.entries = [...fresh, ...feed.entries]
      .sort((one, other) => other.endMs - one.endMs)
      .slice(0, entriesMax);
  }

  function later() {
    if (document.hidden || timer !== undefined) return;
    timer = setTimeout(ask, Math.min(slowestMs, everyMs * 2 ** Math.min(failures, 6)));
  }

  document.addEventListener('visibilitychange', later);
  void ask();
  return feed;
}

/** An answer's JSON. Throws an error whose message says what is wrong, in the reader's words. */
async function read(/** @type {string} */ url) {
  const response = await fetch(url, { cache: 'no-store' }).catch(() => {
    throw new Error('no answer');
  });
  if (!response.ok) throw new Error(wordsFor(response.status));
  return response.json().catch(() => {
    throw new Error('something else answers under this address');
  });
}

function wordsFor(/** @type {number} */ status) {
  if (status === 429) return 'too many pages watch this gateway';
  if (status === 403 || status === 404 || status === 421)
    return `${status}, not under this address`;
  return `the gateway answers ${status}`;
}
