/**
 * Country codes as rules write them. A code that no database holds would match nobody and block
 * nobody: `UK` looks right, and Great Britain is `GB`.
 */

const regionNames = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });

/** Whether a text is a current code of ISO 3166-1 (or EU or XK, which databases use as well). */
export function isCountryCode(text: string): boolean {
  if (!/^[A-Z]{2}$/.test(text) || notCountries.includes(text)) return false;
  // Codes that were withdrawn or are aliases have a canonical form that differs.
  if (new Intl.Locale(`und-${text}`).region !== text) return false;
  return regionNames.of(text) !== undefined;
}

/** The world's "unknown", parts of the world, the United Nations, and codes for testing. */
const notCountries = ['ZZ', 'QO', 'UN', 'EZ', 'XA', 'XB'];
