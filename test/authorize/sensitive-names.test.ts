import { expect, it } from 'vitest';
import { sameThings } from '../../gateway/authorize/sensitive/same-things.ts';
import { wordsOfName } from '../../gateway/authorize/sensitive/sensitive-words.ts';
import { judgeName, proposeClass } from '../../gateway/authorize/sensitive-names.ts';

const cases: readonly (readonly [field: string, expected: string | undefined])[] = [
  ['ssn', 'government-id'],
  ['employeeSSN', 'government-id'],
  ['social_security_number', 'government-id'],
  ['nationalIdNumber', 'government-id'],
  ['passportNumber', 'government-id'],
  ['citizenServiceNumber', 'government-id'],
  ['marital', 'personal'],
  ['expectedDateOfChildbirth', 'health'],
  ['IBAN', 'banking'],
  ['bban', 'banking'],
  ['msisdn', 'personal'],
  ['bankAccounts', 'banking'],
  ['account_number', 'banking'],
  ['apiKey', 'credential'],
  ['passwordHash', 'credential'],
  ['salary', 'pay'],
  ['compensations', 'pay'],
  ['dateOfBirth', 'personal'],
  ['birthday', 'personal'],
  ['homeAddress', 'personal'],
  ['medicalNotes', 'health'],
  // What only contains such a word is something else.
  ['mission', undefined],
  ['basin', undefined],
  ['company', undefined],
  ['spinner', undefined],
  ['payPalRefundId', undefined],
  ['PayPalAccountDetails', undefined],
  ['stage', undefined],
  ['network', undefined],
  ['payload', undefined],
  ['firstName', undefined],
  ['id', undefined],
];

it.each(cases)('%s: %s', (field, expected) => {
  expect(proposeClass(field)).toBe(expected);
});

it.each(sameThings.flatMap((group) => group.split(', ')))(
  'another word for a thing is one that names are told by: %s',
  (term) => {
    const keyOf = (text: string) => wordsOfName(text).join('');
    expect(keyOf(judgeName(term)?.term ?? '')).toBe(keyOf(term));
  },
);
