/**
 * Finds leaves that cannot mean anything guarded at any place. A filter may be reached from every
 * field of a large graph and mean something else from each, so inputs without meaning are found
 * once and not visited from everywhere. Errs on the safe side: an input that may mean something is
 * not mute.
 */
import {
  type GraphQLInputField,
  type GraphQLNamedInputType,
  getNamedType,
  isScalarType,
} from 'graphql';
import { isOpaque } from '../opaque.ts';
import { defaultOf } from './default-of.ts';
import { isFreeName, singular, stemsOf } from './filter-names.ts';
import { type GuardedFields, keysOf, namesOf } from './guarded-fields.ts';
import { guardedOf } from './guarded-of.ts';
import { hintsOf, ownWordsOf } from './input-words.ts';
import type { SaidFields } from './said-fields.ts';

export class MuteInputs {
  readonly #fields: GuardedFields;
  readonly #said: SaidFields;
  /** Endings of names that may mean something guarded, with or without words around them. */
  readonly #ends = new Set<string>();
  readonly #names = new Map<string, boolean>();
  readonly #types = new Map<string, boolean>();

  constructor(fields: GuardedFields, said: SaidFields) {
    this.#fields = fields;
    this.#said = said;
    for (const field of fields.guarded) for (const key of keysOf(field)) this.#ends.add(key);
    for (const field of fields.everyField()) {
      if (guardedOf(fields, [field]).length === 0) continue;
      this.#ends.add(field.key).add(singular(field.key));
    }
  }

  has(input: GraphQLInputField): boolean {
    const { name } = input;
    const type = getNamedType(input.type);
    if (!isScalarType(type) || isOpaque(type) || isFreeName(name)) return false;
    // An input that chooses among fields may do so by its default.
    if (defaultOf(input) !== undefined || this.#fields.ownTypes.has(type.name)) return false;
    const words = [ownWordsOf(input) ?? '', ...hintsOf(input)];
    return (
      !this.#mayName(name) &&
      !this.#mayCall(type) &&
      !hintsOf(input).some((hint) => this.#mayName(hint)) &&
      words.every((text) => text === '' || this.#said.inText(text).length === 0)
    );
  }

  #mayName(name: string): boolean {
    const known = this.#names.get(name) ?? this.#findName(name);
    this.#names.set(name, known);
    return known;
  }

  #findName(name: string): boolean {
    if (this.#said.inName(name).length > 0) return true;
    return stemsOf(name).some((stem) => {
      // Names of fields that lead there may precede it.
      for (let at = 0; at <= stem.length; at += 1) if (this.#ends.has(stem.slice(at))) return true;
      return false;
    });
  }

  #mayCall(type: GraphQLNamedInputType): boolean {
    const known = this.#types.get(type.name) ?? namesOf(type).some((name) => this.#mayName(name));
    this.#types.set(type.name, known);
    return known;
  }
}
