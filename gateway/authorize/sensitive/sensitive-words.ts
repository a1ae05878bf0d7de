/**
 * Splits a name or a text into words for comparison: `employeeSSN`, `employee_ssn` and
 * `EMPLOYEE-SSN` have the same two. Words become singular, digits are separated, and common
 * abbreviations are written out.
 */
import { singular } from '../filters/filter-names.ts';

/** Longer names and texts are cut; no field name is that long. */
const lengthMax = 400;

const longForms: ReadonlyMap<string, string> = new Map(
  Object.entries({
    number: 'no nr num nbr numb nmbr',
    account: 'acct acc accnt',
    address: 'addr adr',
    password: 'passwd pwd pswd passwrd psw',
    telephone: 'tel telefon',
    social: 'soc',
    security: 'sec secu',
    national: 'natl nat',
    government: 'gov govt',
    insurance: 'ins insur',
    license: 'lic licence',
    driver: 'drv drivers driver',
    id: 'ident identity identification identifier',
    authentication: 'authn',
    salary: 'sal slry',
    birth: 'brth',
    date: 'dt',
    diagnosis: 'dx',
    credential: 'cred creds',
    maximum: 'max',
    minimum: 'min',
    mobile: 'mob',
    email: 'eml',
  }).flatMap(([long, short]) => short.split(' ').map((one) => [one, long] as const)),
);

/** Words that others are joined to: `useremail`, `employeessn`. */
const owners =
  /^(?:employee|emp|user|customer|client|person|member|staff|worker|patient|applicant|candidate|student|contact|admin|my|new|old|current|confirm|repeat|plain|primary|secondary|encrypted|hashed)(?=.{3})/;

/** Endings of names: `ssnno`, `passwordhash`. */
const endings = /(?<=.{3})(?:number|num|nr|no|hash|value|enc|encrypted|plain|txt|text|str)$/;

/** The words of an identifier, in lower case. */
export function wordsOfName(name: string): readonly string[] {
  return toWords(
    name
      .slice(0, lengthMax)
      .replace(/([a-z\d])([A-Z])/g, '$1 $2')
      .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2'),
  );
}

/** The words of a description; an apostrophe separates words. */
export const wordsOfText = (text: string): readonly string[] => wordsOfName(text);

function toWords(text: string): readonly string[] {
  return text
    .replace(/([A-Za-z])(\d)/g, '$1 $2')
    .replace(/(\d)([A-Za-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '')
    .map((word) => longForms.get(word) ?? toOne(word))
    .map((word) => longForms.get(word) ?? word);
}

const toOne = (word: string): string => (word.length < 3 ? word : singular(word));

/** The word itself, then what is left without words joined to it. */
export function* partsOf(word: string): Generator<string> {
  yield word;
  const bare = word.replace(owners, '');
  if (bare !== word) yield bare;
  const stem = bare.replace(endings, '');
  if (stem !== bare) yield singular(stem);
}
