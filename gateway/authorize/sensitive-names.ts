/**
 * What a field's name says of its contents: the class that a start of policies proposes for it.
 * A proposal and never a decision: `init` puts what matches under a scope of its own, where the
 * operator finds it. Names that say nothing (`value`, `data`) are not seen here.
 */

const classes: readonly (readonly [name: string, words: RegExp])[] = [
  [
    'credential',
    /\b(?:passwords?|passwd|passphrase|secrets?|tokens?|api keys?|private keys?|access keys?|credentials?|otp|totp|pins?|security answer)\b/,
  ],
  [
    'government-id',
    /\b(?:ssn|sin|nino|bsn|cpf|aadhaar|social (?:security|insurance)|national (?:id|identity|insurance|number)|government id|passport|tax (?:id|number|code|file|payer)|taxpayer|tin|fiscal code|driv(?:er|ers|ing) licen[cs]e|identity (?:card|number)|visa number)\b/,
  ],
  [
    'banking',
    /\b(?:ibans?|bic|swift|bank|banks|bank accounts?|account numbers?|routing numbers?|sort codes?|bsb|card numbers?|cards?|cvv|cvc|pan|credit (?:card|score))\b/,
  ],
  [
    'pay',
    /\b(?:salary|salaries|wages?|compensations?|bonus|bonuses|pay|pay rate|payroll|payslips?|remuneration|income|earnings|equity|commission|deductions?|net|gross)\b/,
  ],
  [
    'health',
    /\b(?:health|medical|diagnos[ei]s|disease|illness|sick|disability|disabled|pregnan\w*|medications?|blood|allerg\w+|vaccin\w+)\b/,
  ],
  [
    'personal',
    /\b(?:birth\w*|dob|age|gender|sex|sexual|pronouns|ethnicit\w+|race|religion|religious|political|marital|nationalit\w+|citizenships?|deceased|diet\w*|home|address|addresses|street|postal|zip|postcode|latitude|longitude|phones?|mobile|telephone|personal|emergency|dependents?|spouse|children|photo|biometric\w*)\b/,
  ],
];

/** The class that a field's name speaks of; undefined where it speaks of none. */
export function proposeClass(fieldName: string): string | undefined {
  const words = fieldName
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .replace(/[^A-Za-z\d]+/g, ' ')
    .toLowerCase();
  return classes.find(([, pattern]) => pattern.test(words))?.[0];
}
