/**
 * Prints how long `fieldgate audit who-saw` takes over a million records of a known history, across
 * rotated keys and compressed segments, as a process from start to end; fails where it names a
 * request too many or too few, or takes more than 3 s. `node test/bench/who-saw.ts [records]`
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { writeHistory } from '../cli/audit-rig.ts';

const records = Number(process.argv[2] ?? 1_000_000);
const main = fileURLToPath(new URL('../../gateway/main.ts', import.meta.url));
const print = (line: string): boolean => process.stdout.write(`${line}\n`);

let from = performance.now();
const history = await writeHistory({ records, people: 50_000, epochs: 4, everyMs: 1_000 });
print(`${records} records written in ${((performance.now() - from) / 1_000).toFixed(1)} s`);

function ask(words: readonly string[]): Promise<string> {
  const where = ['--directory', history.directory, '--subjectkeys', history.keys, '--json'];
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [main, 'audit', ...words, ...where],
      { maxBuffer: 1 << 28 },
      (error, out, complaints) => {
        if (error !== null && error.code !== 1) reject(new Error(complaints));
        else resolve(out);
      },
    );
  });
}

for (const person of ['17', '4711', '49999', '50001']) {
  from = performance.now();
  const out = await ask(['who-saw', 'Person', person, '--field', 'ssn']);
  const tookMs = performance.now() - from;
  const named = JSON.parse(out).requests.map((one: { request: string }) => one.request);
  const truth = history.requests.flatMap(({ people, request }) =>
    people.includes(person) ? [request] : [],
  );
  const isRight = named.join() === truth.join();
  print(
    `Person ${person}: ${named.length} requests in ${tookMs.toFixed(0)} ms, ${isRight ? 'right' : 'WRONG'}`,
  );
  if (!isRight || tookMs > 3_000) process.exitCode = 1;
}
await history.remove();
