/**
 * Finds which fields a description mentions by name: `birthDate` and "birth date" as written,
 * single-word names only if the word sounds sensitive (`ssn`, `salary`) or is in code quotes.
 * Otherwise every text with "name" in it would mention a field.
 */
import { plain, singular } from '../filters/filter-names.ts';
import { proposeClass } from '../sensitive-names.ts';

/** Numbers of words tried as one name; limit on the characters read of a description. */
const counts = [1, 2, 3, 4];
const textMax = 10_000;

export class SpokenNames<Field> {
  readonly #fields = new Map<string, { ownWords: number; sounds: boolean; of: Field[] }>();

  add(name: string, field: Field): void {
    const key = singular(plain(name));
    const known = this.#fields.get(key);
    if (known !== undefined) {
      known.of.push(field);
      return;
    }
    const ownWords = wordsOf(name).length;
    this.#fields.set(key, { ownWords, sounds: proposeClass(name) !== undefined, of: [field] });
  }

  in(description: string | null | undefined): readonly Field[] {
    if (!description || this.#fields.size === 0) return [];
    const tokens = description.slice(0, textMax).match(/`?\w+`?/g) ?? [];
    const words = tokens.map((token) => plain(token.replaceAll('`', '')));
    const found = tokens.flatMap((token, at) =>
      counts.flatMap((count) =>
        this.#said(words.slice(at, at + count), token.startsWith('`') && token.endsWith('`')),
      ),
    );
    return [...new Set(found)];
  }

  #said(words: readonly string[], isCode: boolean): readonly Field[] {
    const known = this.#fields.get(singular(words.join('')));
    if (known === undefined) return [];
    const { ownWords, sounds, of } = known;
    if (words.length > 1) return ownWords === words.length ? of : [];
    return ownWords > 1 || sounds || isCode ? of : [];
  }
}

/** `birthDate`, `birth_date` and `SSNLast` have two words. */
export function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .split('_')
    .filter((word) => word !== '');
}
