/** Random ids by the thousand: drawn from the system in pages, each byte given out once. */
import { randomFillSync } from 'node:crypto';

const page = Buffer.alloc(4_096);
let used = page.length;

/** Lower-case hex of so many random bytes, at most 4096. */
export function randomHex(bytes: number): string {
  if (used + bytes > page.length) {
    randomFillSync(page);
    used = 0;
  }
  used += bytes;
  return page.toString('hex', used - bytes, used);
}
