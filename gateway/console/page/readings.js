/** Sums over metrics, of one process or of several. */

/** @typedef {{ name: string, attributes: Record<string, string>, value: number }} Reading */

export const totalOf = (/** @type {Reading[]} */ readings, /** @type {string} */ name) =>
  readings.filter((one) => one.name === name).reduce((sum, { value }) => sum + value, 0);

export const mostOf = (/** @type {Reading[]} */ readings, /** @type {string} */ name) =>
  Math.max(0, ...readings.filter((one) => one.name === name).map(({ value }) => value));

/** Adds up one metric by one attribute, greatest first. @returns {[string, number][]} */
export function byAttribute(
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
