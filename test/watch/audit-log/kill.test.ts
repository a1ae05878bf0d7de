/**
 * The process dies in the middle, twelve times: what it had acknowledged is in the log, once, in
 * order, and the log verifies. A killed process leaves the machine's cache: this says nothing of
 * power loss, for which `strict` waits for the disk.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { newDirectory, openLog, requestsOf, signingKey, verify } from './log-rig.ts';

const program = fileURLToPath(new URL('writing-process.ts', import.meta.url));

/** Runs until so many records were acknowledged, kills, and gives their numbers. */
async function killAfter(count: number, args: readonly string[]): Promise<number[]> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    if (printed.split('\n').length > count) child.kill('SIGKILL');
  });
  await once(child, 'close');
  expect([child.signalCode, complaints]).toEqual(['SIGKILL', '']);
  return printed.split('\n').slice(0, -1).map(Number);
}

it.each(['batch', 'strict'])(
  'six kills with %s',
  async (durability) => {
    const home = await newDirectory();
    const [directory, keyFile] = [join(home, 'log'), join(home, 'key.pem')];
    await writeFile(keyFile, signingKey.export({ format: 'pem', type: 'pkcs8' }));
    const acknowledged: number[] = [];
    let next = 1;
    for (const round of [1, 2, 3, 4, 5, 6]) {
      // Somewhere else each time: in the middle of groups, checkpoints and rotations.
      const count = 60 * round + Math.floor(Math.random() * 120);
      acknowledged.push(
        ...(await killAfter(count, [directory, durability, String(next), keyFile])),
      );
      next += 10_000;
    }
    const log = await openLog(directory);
    await log.close();
    expect(await verify(directory)).toMatchObject({ ok: true, problems: [] });
    const there = (await requestsOf(directory)).map(Number);
    expect(new Set(there).size).toBe(there.length);
    expect(there).toEqual(there.toSorted((a, b) => a - b));
    const kept = new Set(there);
    expect(acknowledged.filter((number) => !kept.has(number))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(1_200);
  },
  90_000,
);
