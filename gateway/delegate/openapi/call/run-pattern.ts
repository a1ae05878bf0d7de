/**
 * Looks for a pattern in a text: the places where it may have got to advance together, character by
 * character. Pure. Time grows with characters times places, and both may be many: what it costs is
 * counted, and what would cost too much is not looked for to the end.
 */

/** Takes one character, or is passed without one; may ask what stands around it. */
export interface NfaState {
  /** Accepts one character; undefined where the place is passed without one. */
  readonly accepts: RegExp | undefined;
  /** Holds between two characters. */
  readonly holds?: (before: string | undefined, after: string | undefined) => boolean;
  readonly next: number[];
}

/** Places that may still be looked at; each costs some tens of nanoseconds. */
export interface PatternWork {
  left: number;
}

/** Whether the text has the pattern; undefined where that is too much work. */
export type Pattern = (text: string, work: PatternWork) => boolean | undefined;

/** The places of one pattern, from the first to the last. */
export function createPattern(
  places: readonly NfaState[],
  ends: { readonly start: number; readonly end: number },
): Pattern {
  const tests = toTests(places);
  return (text, work) => new Run({ places, tests, work }, ends).find([...text]);
}

type Test = (character: string) => boolean;

/** One for all places that accept the same: repeated classes are told apart once. */
function toTests(places: readonly NfaState[]): readonly (Test | undefined)[] {
  const known = new Map<string, Test>();
  return places.map(({ accepts }) => {
    if (accepts === undefined) return undefined;
    const test = known.get(accepts.source) ?? toTest(accepts);
    known.set(accepts.source, test);
    return test;
  });
}

function toTest(accepts: RegExp): Test {
  const ascii = Array.from({ length: 128 }, (_, code) => accepts.test(String.fromCharCode(code)));
  return (character) => {
    const code = character.charCodeAt(0);
    return code < 128 ? ascii[code] === true : accepts.test(character);
  };
}

class Run {
  readonly #places: readonly NfaState[];
  readonly #tests: readonly (Test | undefined)[];
  readonly #work: PatternWork;
  readonly #start: number;
  readonly #end: number;
  /** At which character each place was reached last. */
  readonly #reachedAt: Int32Array;
  #reached: number[] = [];

  constructor(
    of: { places: readonly NfaState[]; tests: readonly (Test | undefined)[]; work: PatternWork },
    { start, end }: { start: number; end: number },
  ) {
    this.#places = of.places;
    this.#tests = of.tests;
    this.#work = of.work;
    this.#start = start;
    this.#end = end;
    this.#reachedAt = new Int32Array(of.places.length).fill(-1);
  }

  find(text: readonly string[]): boolean | undefined {
    for (let index = 0; index <= text.length; index += 1) {
      // A pattern is looked for anywhere in the text: it may begin here as well.
      this.#reach(this.#start, index);
      if (!this.#pass(text, index)) return undefined;
      if (this.#reachedAt[this.#end] === index) return true;
      this.#take(text[index], index);
    }
    return false;
  }

  #reach(place: number, index: number): void {
    if (this.#reachedAt[place] === index) return;
    this.#reachedAt[place] = index;
    this.#reached.push(place);
  }

  /** On through places that take no character; false where there is no work left. */
  #pass(text: readonly string[], index: number): boolean {
    const reached = this.#reached;
    for (let at = 0; at < reached.length; at += 1) {
      const place = this.#places[reached[at] as number] as NfaState;
      if (place.accepts !== undefined) continue;
      if (place.holds?.(text[index - 1], text[index]) === false) continue;
      for (const next of place.next) this.#reach(next, index);
    }
    this.#work.left -= reached.length;
    return this.#work.left >= 0;
  }

  /** Past the character, from the places that accept it. */
  #take(character: string | undefined, index: number): void {
    const reached = this.#reached;
    this.#reached = [];
    if (character === undefined) return;
    for (const each of reached) {
      if (this.#tests[each]?.(character) !== true) continue;
      for (const next of (this.#places[each] as NfaState).next) this.#reach(next, index + 1);
    }
  }
}
