/** A large file of rules is read while others are served, and reads as it does at once. */
import { expect, it, test } from 'vitest';
import { ConfigError } from '../../gateway/files/config-error.ts';
import { parseYaml, parseYamlInSteps } from '../../gateway/files/yaml-source.ts';

const about = { file: 'access/large.yaml', env: { NAME: 'x' } };
const rule = (at: number) =>
  `  - { name: rule-${at}, fields: { Type: [field${at}] }, allow: { scopes: [a:read] } }\n`;
const large = `version: 1\nrules:\n${Array.from({ length: 3_000 }, (_, at) => rule(at)).join('')}`;

it('lets others have their turns', async () => {
  let turns = 0;
  let isRead = false;
  const count = (): void => {
    turns += 1;
    if (!isRead) setImmediate(count);
  };
  setImmediate(count);
  const source = await parseYamlInSteps(large, about);
  isRead = true;
  expect(turns).toBeGreaterThan(3);
  expect(source.value).toEqual(parseYaml(large, about).value);
  expect(source.at(['rules', 2_999, 'name'])).toEqual({ line: 3_002, column: 13 });
});

const long = (at: number, text: string) =>
  `a:\n  - 1\nb:\n${Array.from({ length: 450 }, (_, index) => (index === at ? text : `  - { n: ${index} } # ${index}\n`)).join('')}c: 3\n`;

test.each(
  [
    ...[
      '  - x: {\n',
      '  - &x 1\n',
      '  - { n: 1, n: 2 }\n',
      '  - "$' + '{NAME}"\n',
      '   - 1\n',
      ' - 1\n',
    ],
    ...[
      '  -\n',
      '  - - 1\n    - 2\n',
      '# c\n\n',
      '  - !t 1\n',
      '  - "\\q"\n',
      '  - n: 1\n    m: |\n      t\n',
    ],
  ].flatMap((text) => [99, 100, 101, 250, 449].map((at) => [text, at] as const)),
)('reads a long list as it does at once: %j at %d', async (text, at) => {
  await readsAlike(long(at, text));
});

test('reads several long lists as it does at once, one below another of the same name too', async () => {
  const list = `\n${'  - 1\n'.repeat(300)}`;
  await readsAlike(`a:${list}b:${list}  - &x 2\na:${list}c: [${'1, '.repeat(300)}1]\n`);
  await readsAlike('- 1\n'.repeat(300));
  await readsAlike(`a: &x${list}__proto__:${list}b: 1\n`);
});

test.each([
  'a: 1\nb: ["$' + '{NAME}"]\n',
  '',
  '# nothing\n',
  'a: 1\r\n\r\nb:\r\n  - c\r\n',
  'a: 1\na: 2\n',
  'a: 1\n---\nb: 2\n---\nc: 3\n',
  '%YAML 1.1\n---\na: 1\n',
  'a: {\n',
  'a: "x\n',
  'object: Query.employee(id: args.id)\n',
  'a: &x 1\nb: *x\n',
  '\u{feff}a: 1',
])('reads as it does at once: %j', readsAlike);

async function readsAlike(text: string): Promise<void> {
  const tell = (error: unknown) => {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems;
  };
  const show = ({ value, problems, untyped, at }: ReturnType<typeof parseYaml>) => ({
    value,
    // Who reports them puts them in order.
    problems: problems.toSorted((one, other) => one.line - other.line || one.column - other.column),
    untyped,
    at: at(['b', 0]),
  });
  const inSteps = await parseYamlInSteps(text, about).then(show).catch(tell);
  let atOnce: unknown;
  try {
    atOnce = show(parseYaml(text, about));
  } catch (error) {
    atOnce = tell(error);
  }
  expect(inSteps).toEqual(atOnce);
}
