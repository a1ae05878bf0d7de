/**
 * Runs a pattern over a text: all possible states advance together, character by character. Pure.
 * Time grows with characters times states, and both may be many: the work is counted, and the
 * search is abandoned when it costs too much.
 */

/** A state that takes one character, or is passed without one; may depend on the neighbours. */
export interface NfaState {
  /** Accepts one character; undefined if the state is passed without one. */
  readonly accepts: RegExp | undefined;
  /** Holds between two characters. */
  readonly holds?: (before: string | undefined, after: string | undefined) => boolean;
  readonly next: number[];
}

/** Number of states that may still be visited; each costs some tens of nanoseconds. */
export interface PatternWork {
  left: number;
}

/** Whether the text contains the pattern; undefined if that is too much work. */
export type Pattern = (text: string, work: PatternWork) => boolean | undefined;

/** Compiles the states of one pattern. */
export function createPattern(
  places: readonly NfaState[],
  ends: { readonly start: number; readonly end: number },
): Pattern {
  const tests = toTests(places);
  return (text, work) => new Run({ places, tests, work }, ends).find([...text]);
}

type Test = (character: string) => boolean;

/** States that accept the same characters share a test, so each class is tabulated once. */
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
  /** The last character index at which each state was reached. */
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
      // A match may start anywhere in the text, so also here.
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

  /** Follows states that take no character; false if the work is used up. */
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

  /** Takes the character from the states that accept it. */
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
