/** Which decisions are shown, as chosen in the form above them. */
import { byId, element } from './dom.js';
import { outcomes, outcomeWords } from './words.js';

const choices = ['all', ...outcomes];

/** @param {() => void} changed */
export function createFilter(changed) {
  const form = /** @type {HTMLFormElement} */ (byId('filters'));
  const classes = /** @type {HTMLSelectElement} */ (byId('class'));
  const reasons = /** @type {HTMLSelectElement} */ (byId('reason'));
  const text = /** @type {HTMLInputElement} */ (byId('text'));
  byId('outcomes').append(...choices.map(toChoice));
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('input', changed);

  return {
    /** Offers the values seen so far; the choice stays. */
    offer(/** @type {import('./entry.js').Entry[]} */ entries) {
      offer(
        classes,
        entries.flatMap((entry) => entry.classes),
      );
      offer(
        reasons,
        entries.flatMap(({ line }) => (line.reason === undefined ? [] : [line.reason])),
      );
    },
    /** The entries to show. */
    apply(/** @type {import('./entry.js').Entry[]} */ entries) {
      const outcome = new FormData(form).get('outcome');
      const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
      return entries.filter(
        (entry) =>
          (outcome === 'all' || entry.outcome === outcome) &&
          (classes.value === '' || entry.classes.includes(classes.value)) &&
          (reasons.value === '' || entry.line.reason === reasons.value) &&
          words.every((word) => entry.haystack.includes(word)),
      );
    },
  };
}

function toChoice(/** @type {string} */ name) {
  const words = name === 'all' ? undefined : outcomeWords[/** @type {'allowed'} */ (name)];
  const input = element('input', {
    type: 'radio',
    name: 'outcome',
    value: name,
    checked: name === 'all',
  });
  return element('label', { title: words }, input, element('span', { class: name }, name));
}

const optionsMax = 100;

function offer(/** @type {HTMLSelectElement} */ select, /** @type {string[]} */ found) {
  const known = new Set([...select.options].map(({ value }) => value));
  for (const value of [...new Set(found)].sort()) {
    if (known.has(value) || select.options.length >= optionsMax) continue;
    select.append(element('option', { value }, value));
  }
}
