/** Finds the guarded fields that words mention, in a name or in a description. */
import { thingsInName, thingsInText } from '../sensitive/same-things.ts';
import { SpokenNames, wordsOf } from '../view/spoken-names.ts';
import type { NamedField } from './guarded-fields.ts';
import { isId } from './guarded-of.ts';

export class SaidFields {
  readonly #spoken = new SpokenNames<NamedField>();
  /** By the concepts in their names. */
  readonly #things = new Map<number, NamedField[]>();
  readonly #names = new Map<string, readonly NamedField[]>();
  /** A large document describes thousands of parameters in the same words. */
  readonly #texts = new Map<string, readonly NamedField[]>();

  constructor(guarded: readonly NamedField[]) {
    for (const field of guarded) {
      if (isId(field)) continue;
      this.#spoken.add(field.name, field);
      for (const thing of thingsInName(field.name)) {
        const known = this.#things.get(thing);
        if (known === undefined) this.#things.set(thing, [field]);
        else known.push(field);
      }
    }
  }

  /** By whole words of the name, or by synonyms. */
  inName(name: string): readonly NamedField[] {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const said = this.#spoken.in(wordsOf(name).join(' '));
    const found = said.length > 0 ? said : this.#of(thingsInName(name));
    this.#names.set(name, found);
    return found;
  }

  inText(text: string): readonly NamedField[] {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    const said = this.#spoken.in(text);
    const found = said.length > 0 ? said : this.#of(thingsInText(text));
    this.#texts.set(text, found);
    return found;
  }

  #of(things: ReadonlySet<number>): readonly NamedField[] {
    return [...new Set([...things].flatMap((thing) => this.#things.get(thing) ?? []))];
  }
}
