/**
 * Scans a document before it is parsed: how deeply its brackets nest, and how many there are. The
 * parser recurses per bracket, and an attacker's nesting would overflow the stack.
 *
 * Linear. Stops at an unterminated string, where the parser refuses the document.
 */

export interface Brackets {
  readonly count: number;
  readonly deepest: number;
}

/** Counts opening brackets outside strings and comments; stops above `countMax`. */
export function countBrackets(text: string, countMax: number): Brackets {
  let count = 0;
  let depth = 0;
  let deepest = 0;
  for (let index = 0; index < text.length && count <= countMax; index += 1) {
    switch (text.charCodeAt(index)) {
      case hash:
        index = endOfLine(text, index);
        break;
      case quote:
        index = endOfString(text, index);
        break;
      case openBrace:
      case openBracket:
      case openParenthesis:
        count += 1;
        depth += 1;
        if (depth > deepest) deepest = depth;
        break;
      case closeBrace:
      case closeBracket:
      case closeParenthesis:
        depth -= 1;
        break;
      default:
    }
  }
  return { count, deepest };
}

const [hash, quote, backslash, newline, carriageReturn] = [0x23, 0x22, 0x5c, 0x0a, 0x0d];
const [openBrace, openBracket, openParenthesis] = [0x7b, 0x5b, 0x28];
const [closeBrace, closeBracket, closeParenthesis] = [0x7d, 0x5d, 0x29];

function endOfLine(text: string, from: number): number {
  for (let index = from; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === newline || code === carriageReturn) return index;
  }
  return text.length;
}

/** Index of the last quote of the string that starts at `from`. */
function endOfString(text: string, from: number): number {
  if (text.startsWith('"""', from)) return endOfBlock(text, from + 3);
  for (let index = from + 1; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === quote) return index;
    if (code === newline || code === carriageReturn) return text.length;
    if (code === backslash) index += 1;
  }
  return text.length;
}

function endOfBlock(text: string, from: number): number {
  for (let end = text.indexOf('"""', from); end >= 0; end = text.indexOf('"""', end + 3)) {
    if (text.charCodeAt(end - 1) !== backslash) return end + 2;
  }
  return text.length;
}
