/** The detections that ship with the demo: a change of any makes one of its cases fail. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { type Files, runCommand } from './run-command.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const file = 'policies/detect/default.yaml';

/** Without the cases of access, which take longer. */
const shipped: Files = {
  'gateway.yaml': readFileSync(join(root, 'gateway.yaml'), 'utf8').replaceAll(
    'subgraphs/',
    `${root}subgraphs/`,
  ),
  ...Object.fromEntries(
    readdirSync(join(root, 'policies'), { recursive: true, encoding: 'utf8' })
      .filter((name) =>
        /^detect\/.*\.yaml$|^(?:access|rates|network|limits)\/[a-z-]+\.yaml$/.test(name),
      )
      .map((name) => [`policies/${name}`, readFileSync(join(root, 'policies', name), 'utf8')]),
  ),
  'policies/network/lists/blocked.txt': '',
};

interface Detection {
  readonly name: string;
  readonly count?: number;
}
const { detections }: { detections: Detection[] } = parse(shipped[file] ?? '');

const withDetection = (at: number, changed: Detection): Files => ({
  ...shipped,
  [file]: stringify({ version: 1, detections: detections.with(at, changed) }),
});

test.each(detections.map((detection, at) => ({ ...detection, at })))(
  '$name: one more than its count is not seen, and one less is seen too soon',
  async ({ at, ...detection }) => {
    const { count = 1 } = detection;
    const higher = await runCommand(
      ['test'],
      withDetection(at, { ...detection, count: count + 1 }),
    );
    expect(higher.code).toBe(1);
    expect(higher.stdout).toMatch(new RegExp(`expected .*${detection.name}`));
    if (count < 3) return;
    const lower = await runCommand(['test'], withDetection(at, { ...detection, count: count - 1 }));
    expect(lower.code).toBe(1);
  },
);
