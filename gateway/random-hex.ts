/** Random ids by the hundred: drawn from the system in pages, each byte given out once. */
import { randomFillSync } from 'node:crypto';

const page = Buffer.alloc(1_024);
/** All of the page: an id is a part of it, which costs less than a text of its own. */
let text = '';
let used = 0;

/** Lower-case hex of so many random bytes, at most 1024. */
export function randomHex(bytes: number): string {
  const end = used + bytes * 2;
  if (end > text.length) return nextPage(bytes);
  const id = text.slice(used, end);
  used = end;
  return id;
}

function nextPage(bytes: number): string {
  randomFillSync(page);
  text = page.toString('hex');
  used = bytes * 2;
  return text.slice(0, used);
}
