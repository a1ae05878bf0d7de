/** What a command line is read as: which command runs, or that it is misused. */
import { expect, test } from 'vitest';
import { parseCommand } from '../../gateway/cli/command-line.ts';
import { runCommand } from './run-command.ts';

const cases = [
  { name: 'an unknown command', args: ['chekc'], code: 2 },
  { name: 'an unknown option', args: ['check', '--dev'], code: 2 },
  { name: 'an option without its value', args: ['explain', '--query'], code: 2 },
  { name: 'a positional', args: ['schema', 'extra'], code: 2 },
  { name: 'a file of cases by name', args: ['test', 'hr.cases.yaml'], code: 2 },
  { name: 'an option of another command', args: ['check', '--workers', '2'], code: 2 },
  { name: 'audit without what it takes', args: ['audit'], code: 2 },
  { name: 'a log that is not there', args: ['audit', 'tail', '--directory', '/absent'], code: 2 },
  { name: 'the version', args: ['--version'], code: 0 },
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

const said = [
  { name: 'the command that was meant', args: ['chekc'], expect: '"check"' },
  { name: 'the option that was meant', args: ['check', '--confg', 'a'], expect: '"--config"' },
  { name: 'what audit takes', args: ['audit'], expect: 'who-saw TYPE ID' },
  { name: 'an option that is empty', args: ['explain', '--as', ''], expect: '--as is empty' },
  {
    name: 'a word that is empty',
    args: ['audit', 'who-saw', 'Employee', ''],
    expect: 'one of its words is empty',
  },
  {
    name: 'the log',
    args: ['audit', 'tail', '--directory', '/absent'],
    expect: '/absent holds no',
  },
  {
    name: 'how claims are written',
    args: ['schema', '--as', '{scope:'],
    expect: '{"scope":"hr:read"}',
  },
  {
    name: 'where a document does not parse, and why',
    args: ['explain', '--as', '{}', '--query', '{ people { fullName '],
    expect: 'query:1:21: Syntax Error: Expected Name, found <EOF>.',
  },
];
test.each(said)('says $name', async ({ args, expect: text }) => {
  const { stderr } = await runCommand(args);
  expect(stderr).toContain(text);
  expect(stderr.split('\n').length).toBeLessThan(4);
});

/** As typed: without the `--config` that the rig adds. */
async function typed(...args: string[]) {
  let stderr = '';
  const code = await parseCommand(args, {
    stdout: { write: () => true },
    stderr: { write: (text) => (stderr += text) },
    env: {},
    stop: AbortSignal.abort(),
  });
  return { code, stderr };
}

test('no command is no yes: a script whose command is empty fails', async () => {
  const { code, stderr } = await typed();
  expect(code).toBe(2);
  expect(stderr).toMatch(/^usage: fieldgate COMMAND/);
  for (const word of ['help', '--help', '-h', '--version'])
    expect((await typed(word)).code).toBe(0);
});

test('the demo takes no configuration', async () => {
  const { code, stderr } = await typed('demo', '--config', 'mine.yaml');
  expect(code).toBe(2);
  expect(stderr).toContain('--config');
});

test('a configuration that is not there: how to name or write one', async () => {
  const { code, stderr } = await typed('check', '--config', '/absent/gateway.yaml');
  expect(code).toBe(2);
  expect(stderr).toMatch(/^\/absent\/gateway\.yaml:1:1: .*--config.*init/);
});
