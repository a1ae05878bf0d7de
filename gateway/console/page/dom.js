/**
 * Builds elements from texts. Every text becomes a text node: nothing from the gateway is ever
 * parsed as markup, and the page's policy (Trusted Types) would not allow it.
 */

/** @typedef {Node | string | number | undefined | null | false} Child */

/**
 * @param {string} name of the element
 * @param {Record<string, unknown>} attributes `class` and the like; undefined and false are left out
 * @param {...(Child | Child[])} children texts and nodes; undefined and false are left out
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    made.setAttribute(key, value === true ? '' : String(value));
  }
  made.append(...children.flat().filter(isThere).map(toNode));
  return made;
}

const isThere = (/** @type {Child} */ child) =>
  child !== undefined && child !== null && child !== false;

const toNode = (/** @type {Node | string | number} */ child) =>
  child instanceof Node ? child : document.createTextNode(String(child));

/** @param {string} id */
export const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** Replaces an element's content unless it is equal, so that a reader's selection stays. */
export function fill(/** @type {Element} */ target, /** @type {Node[]} */ children) {
  const next = element('div', {}, ...children);
  if (target.childNodes.length === children.length && sameContent(target, next)) return;
  target.replaceChildren(...next.childNodes);
}

const sameContent = (/** @type {Element} */ one, /** @type {Element} */ other) =>
  [...one.childNodes].every((child, at) => child.isEqualNode(other.childNodes[at] ?? null));

/**
 * A table of a panel.
 * @param {string[]} head
 * @param {(Child | Child[])[][]} rows the first cell of each names it; the others are numbers
 */
export function table(head, rows) {
  const columns = head.map((text, at) =>
    element('th', { scope: 'col', class: at > 0 && 'number' }, text),
  );
  const body = rows.map(([name, ...cells]) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, name),
      cells.map((cell) => element('td', { class: 'number' }, cell)),
    ),
  );
  return element(
    'table',
    {},
    element('thead', {}, element('tr', {}, columns)),
    element('tbody', {}, body),
  );
}

/** A button that copies a text to the clipboard. */
export function copyButton(/** @type {string} */ text, /** @type {string} */ what) {
  const button = element('button', { type: 'button', class: 'copy', 'aria-label': `Copy ${what}` });
  button.textContent = 'Copy';
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = 'Copied';
    } catch {
      button.textContent = 'Select it and copy';
    }
    setTimeout(() => {
      button.textContent = 'Copy';
    }, 2_000);
  });
  return button;
}
