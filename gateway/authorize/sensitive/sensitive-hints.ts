/**
 * Judges what else a schema says about a field's values: the format of a text, what its pattern
 * accepts, the name of its type, and its owner's marks (`x-pii`, `@sensitive`).
 */
import { type Confidence, judgeName } from '../sensitive-names.ts';

/** By coordinate, from the upstreams' own descriptions. */
export interface KindHints {
  readonly formats: readonly string[];
  /** Kinds of values that patterns accept and similar values that they do not: `ssn`. */
  readonly accepts: readonly string[];
  /** Names of the schema that describes the values. */
  readonly names: readonly string[];
  readonly marks: readonly { readonly name: string; readonly value: string }[];
}

export interface Evidence {
  readonly by: 'name' | 'owner' | 'type' | 'format' | 'pattern' | 'mark' | 'description';
  /** The evidence as written. */
  readonly text: string;
  readonly class: string;
  readonly confidence: Confidence;
}

const ofFormats: Readonly<Record<string, readonly [ofClass: string, confidence: Confidence]>> = {
  password: ['credential', 'high'],
  secret: ['credential', 'high'],
  jwt: ['credential', 'high'],
  otp: ['credential', 'high'],
  ssn: ['government-id', 'high'],
  sin: ['government-id', 'high'],
  taxid: ['government-id', 'high'],
  nationalid: ['government-id', 'high'],
  passport: ['government-id', 'high'],
  iban: ['banking', 'high'],
  bic: ['banking', 'high'],
  swift: ['banking', 'high'],
  creditcard: ['banking', 'high'],
  creditcardnumber: ['banking', 'high'],
  cardnumber: ['banking', 'high'],
  pan: ['banking', 'high'],
  cvv: ['banking', 'high'],
  bankaccount: ['banking', 'high'],
  routingnumber: ['banking', 'high'],
  dateofbirth: ['personal', 'high'],
  birthdate: ['personal', 'high'],
  dob: ['personal', 'high'],
  email: ['personal', 'low'],
  idnemail: ['personal', 'low'],
  phone: ['personal', 'medium'],
  phonenumber: ['personal', 'medium'],
  tel: ['personal', 'medium'],
  e164: ['personal', 'medium'],
  ip: ['personal', 'low'],
  ipv4: ['personal', 'low'],
  ipv6: ['personal', 'low'],
};

/** Classes by the names of marks. */
const ofMarks: readonly (readonly [name: RegExp, ofClass: string])[] = [
  [/phi|hipaa|health|medical/, 'health'],
  [/pci|cardholder/, 'banking'],
  [/secret|credential/, 'credential'],
  [/pii|sensitiv|personal|privacy|private|gdpr|confidential|classif|restricted/, 'personal'],
];

const isDenied = /^(?:false|no|none|0|public|low|internal|open|unclassified|non[-_ ]?\w+|)$/i;

/** All evidence; a mark that names no class has the class of the field's own name. */
export function judgeHints(
  { formats, accepts, names, marks }: KindHints,
  ownClass: string | undefined,
): readonly Evidence[] {
  return [
    ...formats.flatMap((format) => ofFormat(format, 'format')),
    ...accepts.flatMap((kind) => ofFormat(kind, 'pattern')),
    ...names.flatMap((name): Evidence[] => {
      const judged = judgeName(name);
      return judged === undefined ? [] : [{ ...judged, by: 'type', text: name }];
    }),
    ...marks.flatMap((mark) => ofMark(mark, ownClass)),
  ];
}

function ofFormat(text: string, by: 'format' | 'pattern'): Evidence[] {
  const key = text.toLowerCase().replaceAll(/[^a-z\d]/g, '');
  const [ofClass, confidence] = Object.hasOwn(ofFormats, key) ? (ofFormats[key] ?? []) : [];
  if (ofClass === undefined || confidence === undefined) return [];
  return [{ by, text, class: ofClass, confidence: by === 'pattern' ? 'medium' : confidence }];
}

function ofMark(
  { name, value }: KindHints['marks'][number],
  ownClass: string | undefined,
): Evidence[] {
  const said = `${name} ${value}`.toLowerCase();
  const own = ofMarks.find(([pattern]) => pattern.test(name.toLowerCase()));
  const isTag = /(?:^|-)(?:tag|label|data)/.test(name.toLowerCase());
  const found = own ?? (isTag ? ofMarks.find(([pattern]) => pattern.test(said)) : undefined);
  if (found === undefined || isDenied.test(value.trim())) return [];
  const named = judgeName(value)?.class ?? kindOf(value) ?? kindOf(name);
  const ofClass = named ?? ownClass ?? found[1];
  return [{ by: 'mark', text: `${name}: ${value}`, class: ofClass, confidence: 'high' }];
}

/** The class that a mark suggests beyond mere confidentiality. */
function kindOf(text: string): string | undefined {
  const [, ofClass] = ofMarks.find(([pattern]) => pattern.test(text.toLowerCase())) ?? [];
  return ofClass === 'personal' ? undefined : ofClass;
}
