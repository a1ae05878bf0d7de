/** A matrix as data, and the words that all its formats share. */

import {
  mayBeWhole,
  toAllNeeds,
  toMaskNeeds,
  toNeeds,
  toRuleText,
} from '../explain/explain-text.ts';
import type { Cell, OnlyThere } from './matrix-cells.ts';

export interface Matrix {
  /** SHA-256 in hex over the policy files; null for policies without files. */
  readonly policyDigest: string | null;
  readonly callers: readonly {
    /** From 1, as in the column heads. */
    readonly number: number;
    readonly name: string;
    /** The caller in the form of `--as`. */
    readonly as: unknown;
  }[];
  readonly rows: readonly MatrixRow[];
  readonly leftOut: {
    /** Callers found in the policies that have no column. */
    readonly callers: number;
    /** Whether there may be callers that were not counted. */
    readonly more: boolean;
    /** Combinations of place and time that were not examined. */
    readonly situations: number;
  };
}

export interface MatrixRow {
  readonly coordinate: string;
  readonly classes: readonly string[];
  /** One cell per caller. */
  readonly cells: readonly Cell[];
}

/** Consecutive rows with the same classes. */
export function groupsOf({ rows }: Matrix): { title: string; rows: readonly MatrixRow[] }[] {
  const groups: { title: string; rows: MatrixRow[] }[] = [];
  for (const row of rows) {
    const title = row.classes.length === 0 ? 'no class' : row.classes.join(', ');
    const last = groups.at(-1);
    if (last?.title === title) last.rows.push(row);
    else groups.push({ title, rows: [row] });
  }
  return groups;
}

/** `allow`, `~last4`, `deny`, `hidden`, `reject` or `no way`, regardless of place and time. */
export function toWord({ verdict, mask = '' }: Pick<Cell, 'verdict' | 'mask'>): string {
  if (verdict === 'mask') return `~${mask}`;
  return verdict === 'unreachable' ? 'no way' : verdict;
}

export const words: readonly (readonly [string, string])[] = [
  ['allow', 'the whole value'],
  ['~last4', 'the value behind this mask'],
  ['depends', 'arguments, or each object, decide'],
  ['deny', 'null, and an error'],
  ['hidden', 'does not exist for them'],
  ['reject', 'refuses the whole operation that asks for it'],
  ['no way', 'its own rule lets them, and every way to it is closed'],
];

/** `allow only from network office`; empty if place and time change nothing. */
export const toOnlyText = ({ only = [] }: Cell): string =>
  only.map((one) => `${toWord(one)} only ${toAssumed(one)}`).join('; or ');

const toAssumed = ({ assumes }: OnlyThere): string => assumes.join(' and ');

/** The rule behind a cell with its position, or the missing conditions. */
export function toWhy(cell: Cell): string {
  const { verdict, rule } = cell;
  if (verdict === 'unreachable' && rule !== undefined) {
    return `granted by ${toRuleText(rule)}, and every way to it is closed`;
  }
  const needs = toAllNeeds(cell);
  const parts = [
    ...(rule === undefined ? [] : [`by ${toRuleText(rule)}`]),
    ...(needs === '' ? [] : [toNeedsText(cell, needs)]),
  ];
  if (parts.length > 0) return parts.join('; ');
  return verdict === 'hidden' ? 'not in their view' : 'no rule allows it';
}

function toNeedsText(cell: Cell, needs: string): string {
  const { verdict, mask } = cell;
  if (verdict === 'mask') return `whole ${needs}`;
  if (verdict !== 'depends') return `needs ${needs}`;
  if (mask === undefined) return `where ${needs}`;
  if (!mayBeWhole(cell)) return `~${mask} where ${needs}`;
  const ofMask = toMaskNeeds(cell);
  return `where ${toNeeds(cell)}; else ~${mask}${ofMask === '' ? '' : ` where ${ofMask}`}`;
}

/** What the matrix leaves out, one line each. */
export function toLeftOutLines({ leftOut, rows }: Matrix): string[] {
  const { callers, more, situations } = leftOut;
  const open = more ? 'at least ' : '';
  return [
    ...(callers > 0 ? [`${open}${callers} more callers left out: --as asks about them`] : []),
    ...(callers === 0 && more ? ['some callers may be left out: --as asks about them'] : []),
    ...(situations > 0 ? [`${situations} combinations of place and time were not looked at`] : []),
    ...(rows.length === 0
      ? ['no rule gives a coordinate a class: --all takes every coordinate']
      : []),
  ];
}
