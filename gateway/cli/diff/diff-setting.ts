/**
 * Collects changed settings as wider or narrower. Fails closed: a change that is neither counts as
 * wider.
 */
import { relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { toDurationText } from '../../time/duration.ts';

export interface SettingChange {
  /** For example `limits.depth` or `rates.per-caller.window`. */
  readonly setting: string;
  readonly was: string;
  readonly is: string;
}

/** A file, and the folder of the configuration that names it: the two compared stand apart. */
export interface PlacedFile {
  readonly file: string;
  readonly folder: string;
}

export const none = 'nothing';
const any = 'any';

export class SettingChanges {
  readonly widens: SettingChange[] = [];
  readonly narrows: SettingChange[] = [];

  put(change: SettingChange, widens: boolean): void {
    (widens ? this.widens : this.narrows).push(change);
  }

  /** Compares a number; `opens` tells which direction widens. */
  number(setting: string, was: number, is: number, opens: 'more' | 'less' = 'more'): void {
    if (was === is) return;
    this.put({ setting, was: String(was), is: String(is) }, is > was === (opens === 'more'));
  }

  /** Compares a duration; `opens` tells which direction widens. */
  duration(setting: string, wasMs: number, isMs: number, opens: 'more' | 'less'): void {
    const texts = { was: toDurationText(wasMs), is: toDurationText(isMs) };
    if (wasMs !== isMs) this.put({ setting, ...texts }, isMs > wasMs === (opens === 'more'));
  }

  /** Compares a value without an order: every change widens. */
  value(setting: string, was: unknown, is: unknown): void {
    if (!isDeepStrictEqual(was, is)) this.put({ setting, was: toText(was), is: toText(is) }, true);
  }

  /** Compares the paths of a file: another one widens. */
  file(setting: string, was: PlacedFile, is: PlacedFile): void {
    const [before, after] = [was, is].map(({ folder, file }) => relative(folder, file));
    if (was.file !== is.file) this.value(setting, before, after);
  }

  /** Compares a switch that opens something. */
  opening(setting: string, was: boolean, is: boolean): void {
    if (was !== is) this.put({ setting, was: String(was), is: String(is) }, is);
  }

  /** Compares a word, given the possible ones from most closed to most open. */
  word<Word extends string>(setting: string, was: Word, is: Word, words: readonly Word[]): void {
    this.#move(setting, was, is, words.indexOf(is) - words.indexOf(was));
  }

  /**
   * Compares names. `added`: each name opens and undefined means any; `removed`: each name closes.
   */
  names(
    setting: string,
    was: readonly string[] | undefined,
    is: readonly string[] | undefined,
    opens: 'added' | 'removed',
  ): void {
    if (was === undefined || is === undefined) {
      this.#move(setting, listed(was, any), listed(is, any), Number(!is) - Number(!was));
      return;
    }
    const lost = was.filter((one) => !is.includes(one));
    const added = is.filter((one) => !was.includes(one));
    const isOpened = opens === 'added';
    if (lost.length > 0) this.put({ setting, was: listed(lost), is: none }, !isOpened);
    if (added.length > 0) this.put({ setting, was: none, is: listed(added) }, isOpened);
  }

  #move(setting: string, was: string, is: string, by: number): void {
    if (by !== 0) this.put({ setting, was, is }, by > 0);
  }
}

const listed = (names: readonly string[] | undefined, empty = none): string =>
  names === undefined || names.length === 0 ? empty : [...names].sort().join(', ');

function toText(value: unknown): string {
  if (value === undefined) return none;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
