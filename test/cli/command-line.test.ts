/** What a command line is read as: which command runs, or that it is misused. */
import { expect, test } from 'vitest';
import { runCommand } from './run-command.ts';

const cases = [
  { name: 'an unknown command', args: ['chekc'], code: 2 },
  { name: 'an unknown option', args: ['check', '--dev'], code: 2 },
  { name: 'an option without its value', args: ['explain', '--query'], code: 2 },
  { name: 'a positional', args: ['schema', 'extra'], code: 2 },
  { name: 'help of a command', args: ['explain', '--help'], code: 0 },
  { name: 'explain without --as', args: ['explain', '--query', '{ things { label } }'], code: 2 },
  { name: 'explain without --query', args: ['explain', '--as', '{}'], code: 2 },
  {
    name: 'variables that are no object',
    args: ['explain', '--as', '{}', '--query', '{ things { label } }', '--variables', '[]'],
    code: 2,
  },
  { name: 'a caller that is none', args: ['schema', '--as', 'somebody'], code: 2 },
];
test.each(cases)('$name', async ({ args, code }) => {
  const ran = await runCommand(args);
  expect(ran.code).toBe(code);
  expect(ran.stdout === '').toBe(code === 2);
  expect(ran.stderr === '').toBe(code === 0);
});
