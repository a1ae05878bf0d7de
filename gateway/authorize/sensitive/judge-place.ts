/**
 * Judges what a field, argument or input field contains from everything written about it: its name,
 * its owner type, its own type, hints and description. Yields the class, the confidence and the
 * evidence.
 */
import {
  type GraphQLNamedType,
  isCompositeType,
  isInputObjectType,
  isLeafType,
  isSpecifiedScalarType,
} from 'graphql';
import { isOpaque } from '../opaque.ts';
import { atLeast, type Confidence, judgeName, raised } from '../sensitive-names.ts';
import { type Evidence, judgeHints, type KindHints } from './sensitive-hints.ts';
import { judgeText } from './sensitive-texts.ts';
import { wordsOfName, wordsOfText } from './sensitive-words.ts';

export interface Place {
  readonly name: string;
  readonly description: string | null | undefined;
  /** Without lists and `!`. */
  readonly type: GraphQLNamedType;
  /**
   * The type that the field belongs to, without an upstream's prefix; undefined for roots and
   * inputs.
   */
  readonly owner: string | undefined;
  readonly hints: KindHints | undefined;
}

export interface Judged {
  readonly class: string;
  readonly confidence: Confidence;
  /** For this class, in the order of the parts above. */
  readonly evidence: readonly Evidence[];
}

/** Undefined if nothing suggests sensitive contents. */
export function judgePlace(place: Place): Judged | undefined {
  const { name, type } = place;
  if (isInputObjectType(type)) return undefined;
  if (isCompositeType(type)) return judgeObject(place);
  const own = judgeName(name);
  const all: Evidence[] = [
    ...(own === undefined ? [] : [{ ...own, by: 'name' as const, text: own.term }]),
    ...judgeHints(place.hints ?? noHints, own?.class),
    ...ofType(type),
    ...ofIdentification(place),
    ...(isAside(name) ? [] : [...ofDescription(place.description), ...ofOwner(place)]),
  ];
  const fitting = all.filter((one) => fits(one, type));
  return combine(fitting, type);
}

const noHints: KindHints = { formats: [], accepts: [], names: [], marks: [] };

/**
 * Objects are judged by their fields, unless the name alone says what they are about or the owner
 * marked the field.
 */
function judgeObject({ name, type, owner, hints }: Place): Judged | undefined {
  const own = judgeName(name);
  const { marks = [] } = hints ?? {};
  const marked = combine(judgeHints({ ...noHints, marks }, own?.class), type);
  if (marked !== undefined) return marked;
  if (owner === undefined || own?.confidence !== 'high' || isFrame(type.name)) return undefined;
  if (judgeName(type.name)?.class === own.class) return undefined;
  return combine([{ ...own, confidence: 'medium', by: 'name', text: own.term }], type);
}

/** Custom scalars and enums are named after their contents. */
function ofType(type: GraphQLNamedType): Evidence[] {
  if (!isLeafType(type) || isSpecifiedScalarType(type) || isOpaque(type)) return [];
  const judged = judgeName(type.name);
  return judged === undefined ? [] : [{ ...judged, by: 'type', text: type.name }];
}

function ofDescription(description: Place['description']): Evidence[] {
  const judged = judgeText(description);
  return judged === undefined ? [] : [{ ...judged, by: 'description', text: judged.term }];
}

/** In `BankAccount.number`, the type says whose number it is. */
function ofOwner({ name, owner, type }: Place): Evidence[] {
  if (owner === undefined || isFrame(owner) || type.name === 'Boolean') return [];
  const judged = judgeName(owner);
  if (judged === undefined || judged.confidence === 'low') return [];
  const isSure = carriers.test(name);
  return [{ ...judged, confidence: isSure ? 'medium' : 'low', by: 'owner', text: owner }];
}

/** Open Banking and ISO 20022 have the number of an account in a field of this name. */
function ofIdentification({ name, owner, description }: Place): Evidence[] {
  if (!/^(?:secondary)?_?identification$/i.test(name)) return [];
  const [sentence = ''] = (description ?? '').split('.', 1);
  const found = { class: 'banking', confidence: 'medium' } as const;
  return [
    ...(owner && wordsOfName(owner).includes('account')
      ? [{ ...found, by: 'owner' as const, text: owner }]
      : []),
    ...(wordsOfText(sentence).includes('account')
      ? [{ ...found, by: 'description' as const, text: 'account' }]
      : []),
  ];
}

/** Types that wrap the contents or describe them. */
const isFrame = (name: string): boolean =>
  /(?:Connection|Edge|Page|PageInfo|Response|Result|Payload|Envelope|Rules?|Polic(?:y|ies)|Settings?|Options?|Config|Meta(?:data)?|Links?|Stats|Count|Summary)$/.test(
    name,
  );

/** Names of parts that say nothing by themselves and hold the contents. */
const carriers =
  /^(?:line_?\d*|string|number|no|nr|value|amount|code|digits|text|content|raw|data|holder|owner|last_?4|hash|rate|notes?|details?|result|level|hourly|annual|total|base)$/i;

/** Fields beside the contents: ids, times, states. */
const isAside = (name: string): boolean =>
  /^(?:id|ids|type|kind|status|state|cursor|url|href|label|version|currency|unit|period|count|country|name|title|active|primary|default)$|(?:Ids?|_ids?|At|_at|By|_by|On|_on|Date|_date|Type|_type|Status|_status|Url|_url|Count|_count|Name|_name)$|^(?:is|has|created|updated|deleted|modified|effective|start|end)(?=[A-Z_]|$)/.test(
    name,
  );

/** Whether a value of this type can be what the evidence suggests. */
function fits({ class: ofClass, text }: Evidence, { name }: GraphQLNamedType): boolean {
  const isOfPerson = ofClass === 'health' || ofClass === 'personal';
  if (name === 'Boolean') return isOfPerson;
  // A number of tokens is no token.
  const isNumber = name === 'Int' || name === 'Float';
  return !(isNumber && ofClass === 'credential' && /token|key|secret/i.test(text));
}

/** The most certain class; further evidence of another kind raises the confidence by one level. */
function combine(all: readonly Evidence[], { name }: GraphQLNamedType): Judged | undefined {
  let best: Evidence | undefined;
  for (const one of all) {
    if (best === undefined || !atLeast(best.confidence, one.confidence)) best = one;
  }
  if (best === undefined) return undefined;
  const evidence = all.filter(({ class: ofClass }) => ofClass === best.class);
  const isSeveral = new Set(evidence.map(({ by }) => by)).size > 1;
  const confidence = isSeveral ? raised(best.confidence) : best.confidence;
  // A boolean tells less than the thing itself.
  const capped = name === 'Boolean' && confidence === 'high' ? 'medium' : confidence;
  return { class: best.class, confidence: capped, evidence };
}
