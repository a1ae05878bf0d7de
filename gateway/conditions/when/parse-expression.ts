/** Parses CEL by a library that is used for its grammar alone: gives a tree, or the first error. */
import { type ASTNode, Environment, ParseError } from '@marcbachmann/cel-js';

export type Node = ASTNode;

/** Bounds of one expression; larger ones should be several rules. */
const environment = new Environment({
  unlistedVariablesAreDyn: true,
  limits: {
    maxAstNodes: 300,
    maxDepth: 30,
    maxListElements: 100,
    maxMapEntries: 0,
    maxCallArguments: 3,
  },
});

export function parseExpression(text: string): Node | { message: string; offset: number } {
  try {
    return environment.parse(text).ast;
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const { summary, range } = error;
    const offset = range?.start ?? 0;
    const message = wordAt(text, offset) ?? `${summary.charAt(0).toLowerCase()}${summary.slice(1)}`;
    return { message: `is no CEL expression: ${message}`, offset };
  }
}

/** Explains a keyword of CEL used as the name of an argument or a claim. */
function wordAt(text: string, offset: number): string | undefined {
  const word = /^(?:in|true|false|null)\b/.exec(text.slice(offset))?.[0];
  if (word === undefined || !text.slice(0, offset).trimEnd().endsWith('.')) return undefined;
  return `"${word}" is a word of it: write ["${word}"] in place of .${word}`;
}
