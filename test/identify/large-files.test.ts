/** Files of keys and revocations are read while others are served, however many entries they have. */
import { expect, test } from 'vitest';
import { createApiKeySource } from '../../gateway/identify/api-keys.ts';
import { createRevocationSource } from '../../gateway/identify/revocations.ts';

/** What of others was done while the file was read. */
async function turnsWhile(work: Promise<unknown>): Promise<number> {
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  await work;
  isDone = true;
  return turns;
}

function toolsOf(text: string) {
  const problems: unknown[] = [];
  return {
    problems,
    now: () => 0,
    readFile: async () => ({ stamp: '1', bytes: Buffer.from(text) }),
    report: (report: { problems: readonly unknown[] }) => problems.push(...report.problems),
  };
}

const entries = (count: number, toLine: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => `  - ${toLine(at)}\n`).join('');
const watched = { file: 'large.yaml', reloadMs: 0 };

test('revocations', async () => {
  const list = entries(10_000, (at) => `{ issuer: https://idp.example.com, jti: t${at} }`);
  const tools = toolsOf(`version: 1\nrevoked:\n${list}`);
  const source = createRevocationSource(watched, tools);
  expect(await turnsWhile(source.refresh())).toBeGreaterThan(10);
  const caller = { issuer: 'https://idp.example.com', subject: undefined, client: undefined };
  const has = (jti: string) => source.current()?.has({ caller, jti, issuedAt: 1 });
  expect([has('t0'), has('t150'), has('t9999'), has('t10000')]).toEqual([true, true, true, false]);
  expect(tools.problems).toEqual([]);
});

test('keys', async () => {
  const digest = (at: number) => at.toString(16).padStart(64, '0');
  const list = entries(5_000, (at) => `{ sha256: "${digest(at)}", client: app, scopes: [a, b] }`);
  const tools = toolsOf(`version: 1\nkeys:\n${list}  - { sha256: "${digest(7)}", client: b }\n`);
  const source = createApiKeySource({ ...watched, header: 'x-api-key' }, tools);
  expect(await turnsWhile(source.refresh())).toBeGreaterThan(10);
  expect(source.current()).toBeUndefined();
  expect(tools.problems).toMatchObject([{ code: 'duplicate-name', line: 5_003 }]);
});
