/**
 * Generates and validates IBANs (ISO 13616 check digits). Generated ones belong to a bank that does
 * not exist: bank code FICT, sort code 000000.
 */

export const fictionalBic = 'FICTGB2LXXX';

/** The IBAN of an account number, 0 to 99,999,999, at the fictional bank. */
export function fictionalIban(account: number): string {
  const bban = `FICT000000${String(account).padStart(8, '0')}`;
  const check = 98 - remainder(`${bban}GB00`);
  return `GB${String(check).padStart(2, '0')}${bban}`;
}

/** Whether the format and the check digits are valid; the account may not exist. */
export function isIban(text: string): boolean {
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(text)) return false;
  return remainder(text.slice(4) + text.slice(0, 4)) === 1;
}

/** The text read as a number, letters as 10 to 35, modulo 97. */
function remainder(text: string): number {
  let rest = 0;
  for (const character of text) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest;
}
