/**
 * Validates country codes in rules. A code that no database holds would match and block no address:
 * `UK` looks right, but Great Britain is `GB`.
 */

const regionNames = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });

/** Whether a text is a current ISO 3166-1 code, or EU or XK, which databases also use. */
export function isCountryCode(text: string): boolean {
  if (!/^[A-Z]{2}$/.test(text) || notCountries.includes(text)) return false;
  // Withdrawn codes and aliases have a different canonical form.
  if (new Intl.Locale(`und-${text}`).region !== text) return false;
  return regionNames.of(text) !== undefined;
}

/** Unknown, groups of countries, the United Nations, and codes for testing. */
const notCountries = ['ZZ', 'QO', 'UN', 'EZ', 'XA', 'XB'];
