/** Index of the closing quote of the string that begins at `start`; the text must be valid JSON. */
export function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && text.charCodeAt(index) !== quote) {
    index += text.charCodeAt(index) === backslash ? 2 : 1;
  }
  return index;
}

const [quote, backslash] = [0x22, 0x5c];
