/**
 * Groups terms for the same thing: a caller who may not filter by `dateOfBirth` may not filter by
 * `dob` or an age either. Uses the terms of sensitive-terms.ts.
 */
import { atLeast, type Match, termsIn } from '../sensitive-names.ts';
import { wordsOfName, wordsOfText } from './sensitive-words.ts';

/** One entry per thing, its terms separated by commas. */
export const sameThings: readonly string[] = [
  'dob, date of birth, birth date, birth day, birthday, birthdate, born on, born at, born before, born after, born between, birth year, year of birth, birth month, month of birth, day of birth, age',
  'ssn, ssn last 4, social security, social security number',
  'nino, ni number, national insurance, national insurance number',
  'sin, sin number, social insurance, social insurance number',
  'tax id, tax id number, tax number, tin, tin number, taxpayer, taxpayer id, taxpayer number, fiscal code, codice fiscale, steuer id',
  'national id, national id number, national id card, national number, identity card, id card number, identity number, government id, government id number, personal id, personal id number',
  'passport, passport number, passport id',
  'driver license, driver license number, driving license',
  'account number, bank account, bank account number, bban, basic bank account number',
  'iban, account iban',
  'bic, bic code, swift, swift code, swift bic',
  'routing number, routing transit number, aba number, aba routing number, transit number',
  'credit card, credit card number, card number, cc number, ccn, pan number, primary account number',
  'salary, base salary, annual salary, salary amount, wage, remuneration, compensation, total compensation, base pay, gross salary, annual income, gross pay, pay rate, hourly rate',
  'diagnosis, diagnose, icd 10, icd code, medical condition, disease, illness',
  'disability, disability status, disability type',
  'gender, gender identity, legal sex, sex',
  'ethnicity, ethnic origin, ethnic group, racial origin, race',
  'religion, religious belief',
  'nationality, citizenship',
  'marital, marital status, civil status, family status',
  'bsn, citizen service number',
  'birth place, birthplace, place of birth',
  'phone, phone number, telephone, telephone number, mobile, mobile phone, mobile number, cell, cell phone, contact number, home phone, personal phone, msisdn',
  'email, email address, mail address, personal email, private email',
  'postal code, postcode, post code, zip code, zip',
  'street, street name, street address, address line, address line 1',
  'password, passphrase, passcode',
];

const keyOf = (term: string): string => wordsOfName(term).join('');

const groupOf: ReadonlyMap<string, number> = new Map(
  sameThings.flatMap((group, index) =>
    group.split(', ').map((term) => [keyOf(term), index] as const),
  ),
);

const groupsOf = (found: readonly Match[]): ReadonlySet<number> =>
  new Set(found.flatMap(({ term }) => groupOf.get(keyOf(term)) ?? []));

/** The things that a name is about, as numbers that are equal for the same thing. */
export const thingsInName = (name: string): ReadonlySet<number> =>
  groupsOf(termsIn(wordsOfName(name)));

/** The same for a description, by unambiguous terms only. */
export const thingsInText = (text: string): ReadonlySet<number> =>
  groupsOf(termsIn(wordsOfText(text)).filter(({ confidence }) => atLeast(confidence, 'high')));
