/**
 * Matches a document's `pattern` in linear time: patterns are untrusted, and `^(a+)+$` would block
 * the process on forty letters.
 *
 * A pattern becomes a set of states that advance together over the text (run-pattern.ts), without
 * backtracking. Patterns that need backtracking (look-around, back references) or grow too large
 * are refused here; the caller reports that they are left to the upstream.
 */
import { createPattern, type NfaState, type Pattern } from './run-pattern.ts';

/** States of one pattern, after `{n,m}` is expanded. */
const placesMax = 2_000;

/** Undefined for a pattern that is invalid or cannot be matched this way. */
export function compilePattern(source: string): Pattern | undefined {
  const flags = ['u', ''].find((each) => isRegExp(source, each));
  if (flags === undefined) return undefined;
  try {
    const parser = new Parser(source, flags);
    const { places, start, end } = parser.parse();
    return createPattern(places, { start, end });
  } catch (error) {
    if (error instanceof Unsupported) return undefined;
    throw error;
  }
}

function isRegExp(source: string, flags: string): boolean {
  try {
    return new RegExp(source, flags) instanceof RegExp;
  } catch {
    return false;
  }
}

class Unsupported extends Error {}

interface Ends {
  readonly start: number;
  readonly end: number;
}

const quantifier = /^(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/;

/** Recursive descent over the structure; single characters are left to RegExp. */
class Parser {
  readonly places: NfaState[] = [];
  #at = 0;
  readonly #source: string;
  readonly #flags: string;

  constructor(source: string, flags: string) {
    this.#source = source;
    this.#flags = flags;
  }

  parse(): Ends & { places: readonly NfaState[] } {
    const ends = this.#alternatives();
    if (this.#at < this.#source.length) throw new Unsupported();
    return { ...ends, places: this.places };
  }

  #add(place: Omit<NfaState, 'next'> = { accepts: undefined }): number {
    if (this.places.length >= placesMax) throw new Unsupported();
    return this.places.push({ ...place, next: [] }) - 1;
  }

  #connect(from: number, to: number): void {
    this.places[from]?.next.push(to);
  }

  #alternatives(): Ends {
    const [start, end] = [this.#add(), this.#add()];
    for (;;) {
      const one = this.#sequence();
      this.#connect(start, one.start);
      this.#connect(one.end, end);
      if (this.#source[this.#at] !== '|') return { start, end };
      this.#at += 1;
    }
  }

  #sequence(): Ends {
    const start = this.#add();
    let end = start;
    while (this.#at < this.#source.length && !'|)'.includes(this.#source[this.#at] ?? '')) {
      const one = this.#repeated();
      this.#connect(end, one.start);
      end = one.end;
    }
    return { start, end };
  }

  /** An atom with its quantifier: parsed again for each repetition. */
  #repeated(): Ends {
    const from = this.#at;
    const first = this.#atom();
    const afterAtom = this.#at;
    const found = quantifier.exec(this.#source.slice(this.#at));
    if (found === null) return first;
    const after = this.#at + found[0].length;
    const { min, max } = toRange(found);
    const again = (): Ends => {
      this.#at = from;
      const copy = this.#atom();
      if (this.#at !== afterAtom) throw new Unsupported();
      return copy;
    };
    const ends = this.#repeat(first, again, { min, max });
    this.#at = after;
    return ends;
  }

  #repeat(first: Ends, again: () => Ends, range: { min: number; max: number }): Ends {
    const [start, end] = [this.#add(), this.#add()];
    let tail = start;
    const copies = range.max === Number.POSITIVE_INFINITY ? Math.max(1, range.min) : range.max;
    if (copies > placesMax) throw new Unsupported();
    for (let n = 1; n <= copies; n += 1) {
      const copy = n === 1 ? first : again();
      if (n > range.min) this.#connect(tail, end);
      this.#connect(tail, copy.start);
      tail = copy.end;
      if (n === copies && range.max === Number.POSITIVE_INFINITY) this.#connect(tail, copy.start);
    }
    this.#connect(tail, end);
    return { start, end };
  }

  #atom(): Ends {
    const char = this.#source[this.#at] ?? '';
    if (char === '(') return this.#group();
    if (char === '^') return this.#assertion(1, (before) => before === undefined);
    if (char === '$') return this.#assertion(1, (_, after) => after === undefined);
    if (/^\\[bB]/.test(this.#source.slice(this.#at))) {
      const wanted = this.#source[this.#at + 1] === 'b';
      return this.#assertion(2, (before, after) => (isWord(before) !== isWord(after)) === wanted);
    }
    return this.#character();
  }

  #assertion(length: number, holds: NonNullable<NfaState['holds']>): Ends {
    this.#at += length;
    const place = this.#add({ accepts: undefined, holds });
    return { start: place, end: place };
  }

  #group(): Ends {
    const opening = /^\((?:\?:|\?<[A-Za-z_]\w*>|(?!\?))/.exec(this.#source.slice(this.#at));
    if (opening === null) throw new Unsupported();
    this.#at += opening[0].length;
    const ends = this.#alternatives();
    if (this.#source[this.#at] !== ')') throw new Unsupported();
    this.#at += 1;
    return ends;
  }

  #character(): Ends {
    const text = characterOf(this.#source.slice(this.#at));
    if (text === undefined) throw new Unsupported();
    this.#at += text.length;
    // Matching a single character cannot backtrack.
    const start = this.#add({ accepts: new RegExp(`^(?:${text})$`, this.#flags) });
    const end = this.#add();
    this.#connect(start, end);
    return { start, end };
  }
}

/** The source of one character at the start of `rest`; undefined for back references. */
function characterOf(rest: string): string | undefined {
  const found =
    /^\\(?:[pP]\{[^}]*\}|u\{[0-9A-Fa-f]+\}|u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|c[A-Za-z]|0(?!\d)|[^1-9kpPuxc0])/s.exec(
      rest,
    ) ??
    /^\[(?:\\.|[^\]\\])*\]/s.exec(rest) ??
    /^[^\\[*+?(){}|^$]/su.exec(rest);
  if (found === null) return /^[{}\]]/.test(rest) ? `\\${rest[0]}`.slice(1) : undefined;
  return found[0];
}

function toRange([, sign, min, comma, max]: RegExpExecArray): { min: number; max: number } {
  const many = Number.POSITIVE_INFINITY;
  if (sign !== undefined) return { min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : many };
  const least = Number(min);
  if (comma === '') return { min: least, max: least };
  return { min: least, max: max === '' ? many : Number(max) };
}

function isWord(char: string | undefined): boolean {
  return char !== undefined && /^\w$/.test(char);
}
