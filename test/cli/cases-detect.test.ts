/** `fieldgate test` over cases of detections: what passes, what fails and how it is said. */
import { expect, test } from 'vitest';
import { people, runCommand } from './run-command.ts';

const detect = `version: 1
detections:
  - { name: bulk, severity: high, match: { classes: banking }, counts: records, per: caller, count: 10, window: 10m }
  - { name: guessed, severity: medium, match: { reasons: identify/* }, per: address, count: 3, window: 1m }
`;
const withCase = (text: string) => ({
  ...people,
  'policies/detect/all.yaml': detect,
  'policies/detect/all.cases.yaml': `cases:\n  - name: a case\n${text}`,
});
const run = async (text: string) => runCommand(['test'], withCase(text));

test('a case that is as expected', async () => {
  const { code, stdout } = await run(`    events:
      - { at: 0s, times: 2, every: 20s, reason: identify/key-unknown, address: 198.51.100.1 }
      - { at: 59s, reason: identify/missing, address: 198.51.100.1 }
    expect: [{ detection: guessed, at: 59s }]
`);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '1 case passed, 0 failed\n' });
});

test.each([
  {
    name: 'what was not raised',
    text: `    events: [{ at: 0s, caller: ada, delivered: { Person.iban: 9 } }]
    expect: [bulk]
`,
    says: 'expected bulk, raised nothing',
  },
  {
    name: 'what was not expected',
    text: `    events: [{ at: 5s, caller: ada, delivered: { Person.iban: 10 } }]
    expect: []
`,
    says: 'expected nothing, raised bulk at 5s',
  },
  {
    name: 'at another time',
    text: `    events: [{ at: 0s, times: 10, every: 1s, caller: ada, delivered: { Account.iban: 1 } }]
    expect: [{ detection: bulk, at: 8s }]
`,
    says: 'expected bulk at 8s, raised bulk at 9s',
  },
  {
    name: 'masked values are not read',
    text: `    events: [{ at: 0s, caller: ada, masked: { Person.iban: 100 } }]
    expect: [bulk]
`,
    says: 'expected bulk, raised nothing',
  },
])('a case that fails: $name', async ({ text, says }) => {
  const { code, stdout, directory } = await run(text);
  expect(code).toBe(1);
  expect(stdout).toBe(
    `${directory}/policies/detect/all.cases.yaml:2: a case: ${says}\n0 cases passed, 1 failed\n`,
  );
});

test.each([
  [
    'a detection of nothing',
    'events: [{ at: 0s }], expect: [bulkk]',
    /there is no detection "bulkk"/,
  ],
  [
    'a reason of nothing',
    'events: [{ at: 0s, reason: identify/nothing }], expect: []',
    /there is no reason/,
  ],
  [
    'a coordinate of nothing',
    'events: [{ at: 0s, delivered: { Person.ibann: 1 } }], expect: []',
    /there is no coordinate "Person.ibann"/,
  ],
  [
    'a refused coordinate of nothing',
    'events: [{ at: 0s, denied: [Person.x] }], expect: []',
    /there is no coordinate "Person.x"/,
  ],
  [
    'an upstream of nothing',
    'events: [{ at: 0s, upstreamFailed: [peopl] }], expect: []',
    /there is no upstream "peopl"/,
  ],
  [
    'a rate of nothing',
    'events: [{ at: 0s, rate: logins }], expect: []',
    /there is no rate "logins"/,
  ],
  ['no address', 'events: [{ at: 0s, address: here }], expect: []', /must be an IP address/],
  ['no time', 'events: [{ times: 2 }], expect: []', /"at" is required/],
  [
    'too many requests',
    'events: [{ at: 0s, times: 60000 }, { at: 0s, times: 60000 }], expect: []',
    /more than 100000 requests/,
  ],
])('a case that does not fit: %s', async (_name, text, says) => {
  const { code, stderr } = await run(`    ${text.replace('], expect', ']\n    expect')}\n`);
  expect(stderr).toMatch(says);
  expect(code).toBe(2);
});

test('cases of access and of detections are counted together', async () => {
  const { code, stdout } = await runCommand(['test', '--json'], {
    ...withCase('    events: [{ at: 0s }]\n    expect: []\n'),
    'policies/access/people.cases.yaml':
      'cases: [{ name: other, as: { scopes: [] }, query: "{ people { id } }", expect: {} }]\n',
  });
  expect(code).toBe(0);
  expect(JSON.parse(stdout).cases).toMatchObject([
    { name: 'other', ok: true },
    { name: 'a case', ok: true, alerts: { expected: [], raised: [] } },
  ]);
});
