/** The guarded fields that words speak of, wherever these stand: in a name, or in a text for people. */
import { thingsInName, thingsInText } from '../sensitive/same-things.ts';
import { SpokenNames, wordsOf } from '../view/spoken-names.ts';
import type { NamedField } from './guarded-fields.ts';
import { isId } from './guarded-of.ts';

export class SaidFields {
  private readonly spoken = new SpokenNames<NamedField>();
  /** By what their names speak of. */
  private readonly things = new Map<number, NamedField[]>();
  private readonly names = new Map<string, readonly NamedField[]>();
  /** A large document says of thousands of parameters the same. */
  private readonly texts = new Map<string, readonly NamedField[]>();

  constructor(guarded: readonly NamedField[]) {
    for (const field of guarded) {
      if (isId(field)) continue;
      this.spoken.add(field.name, field);
      for (const thing of thingsInName(field.name)) {
        const known = this.things.get(thing);
        if (known === undefined) this.things.set(thing, [field]);
        else known.push(field);
      }
    }
  }

  /** Whole words of it, or another word for the same. */
  inName(name: string): readonly NamedField[] {
    const known = this.names.get(name);
    if (known !== undefined) return known;
    const said = this.spoken.in(wordsOf(name).join(' '));
    const found = said.length > 0 ? said : this.of(thingsInName(name));
    this.names.set(name, found);
    return found;
  }

  inText(text: string): readonly NamedField[] {
    const known = this.texts.get(text);
    if (known !== undefined) return known;
    const said = this.spoken.in(text);
    const found = said.length > 0 ? said : this.of(thingsInText(text));
    this.texts.set(text, found);
    return found;
  }

  private of(things: ReadonlySet<number>): readonly NamedField[] {
    return [...new Set([...things].flatMap((thing) => this.things.get(thing) ?? []))];
  }
}
