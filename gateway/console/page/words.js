/** Numbers, times and outcomes in the reader's words. */

const two = (/** @type {number} */ value) => String(value).padStart(2, '0');

/** Time of day; the title gives the full time. */
export function clockTime(/** @type {number} */ ms) {
  const at = new Date(ms);
  const thousandths = String(at.getMilliseconds()).padStart(3, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${thousandths}`;
}

export function duration(/** @type {number} */ ms) {
  if (ms < 10) return `${ms.toFixed(2)} ms`;
  if (ms < 1_000) return `${ms.toFixed(0)} ms`;
  return `${(ms / 1_000).toFixed(2)} s`;
}

/** How long ago, or for how long. */
export function span(/** @type {number} */ ms) {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

export const count = (/** @type {number} */ value) => grouped.format(value);

export const megabytes = (/** @type {number} */ bytes) => `${count(bytes / 1_048_576)} MB`;

/** In the filter's order. */
export const outcomes = /** @type {const} */ ([
  'refused',
  'error',
  'denied',
  'failed',
  'masked',
  'aborted',
  'allowed',
]);

/** @typedef {(typeof outcomes)[number]} Outcome */

/** What an outcome means, for a title. */
export const outcomeWords = /** @type {Record<Outcome, string>} */ ({
  refused: 'The request was refused',
  error: 'A fault of the gateway itself',
  denied: 'Some fields were refused',
  failed: 'An upstream failed',
  masked: 'Some values left masked',
  aborted: 'The caller hung up',
  allowed: 'Nothing was refused or masked',
});

/** What a rule in shadow mode would have done. */
const shadowed = new Map([
  ['refuse', 'Would have been refused'],
  ['mask', 'Would have been masked'],
  ['grant', 'Would have been granted'],
]);

/** The only effect without words is that of an operation too large to be judged. */
export const shadowedWords = (/** @type {string} */ effect) =>
  shadowed.get(effect) ?? 'Too large to be judged';

/** What a rule may require besides scopes, by the kind of its condition. */
const asked = new Map([
  ['authenticated', 'a credential'],
  ['roles', 'a role'],
  ['claims', 'a claim'],
  ['clients', 'a client application'],
  ['network', 'a network'],
  ['regions', 'a country'],
  ['hours', 'an hour of the day'],
  ['auth', 'a sign-in'],
  ['pinned', 'the claim that an argument is fixed from'],
  ['when', 'its expression to hold'],
  ['nobody', 'nothing: nobody may have it'],
]);

/** The words for a kind, or the kind itself if it has none. */
export const askedWords = (/** @type {string} */ kind) => asked.get(kind) ?? kind;
