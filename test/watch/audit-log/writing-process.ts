/**
 * Appends to the log of a directory as fast as it may, and prints the number of each record once
 * it is acknowledged. Ends when it is killed. Arguments: directory, durability, first number, key file.
 */
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { openAuditLog } from '../../../gateway/watch/audit-log/open-audit-log.ts';

const [directory = '', durability = 'batch', first = '1', keyFile = ''] = process.argv.slice(2);
const log = await openAuditLog({
  directory,
  durability: durability === 'strict' ? 'strict' : 'batch',
  signingKey: createPrivateKey(readFileSync(keyFile, 'utf8')),
  rotateBytes: 300_000,
  checkpointRecords: 200,
});
const padding = 'x'.repeat(500);
let inFlight = 0;
for (let number = Number(first); ; number += 1) {
  const event = { time: Date.now(), padding, unmapped: { gateway: { request: `r-${number}` } } };
  const taken = log.append(JSON.stringify(event));
  if (!taken.ok) throw new Error('the log refused an event');
  inFlight += 1;
  taken.written.then(() => {
    inFlight -= 1;
    process.stdout.write(`${number}\n`);
  });
  while (inFlight > 50) await turn();
}
