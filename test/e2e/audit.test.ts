/**
 * The audit trail of a served gateway, on sockets and on disk: who saw whose SSN under which rule is
 * in the log before the answer, verifies, and is found again; policies and denials are in it too.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseCommand } from '../../gateway/cli/command-line.ts';
import { auditLines } from '../support/audit-files.ts';
import { type PlayedUpstream, playUpstream, serveFiles, smallFiles } from '../support/served.ts';

type Served = Awaited<ReturnType<typeof serveFiles>>;

const ssn = '900-11-1111';
let upstream: PlayedUpstream;
let gateway: Served;

beforeAll(async () => {
  upstream = await playUpstream((_request, response, body) => {
    const { query } = JSON.parse(body) as { query: string };
    const person = { id: '42', fgs_id: '42', name: 'Ada', ssn };
    response.setHeader('content-type', 'application/json');
    const asked = Object.entries(person).filter(([key]) => query.includes(key));
    response.end(JSON.stringify({ data: { person: Object.fromEntries(asked) } }));
  });
  const files = smallFiles(upstream.url);
  const policy = files['policies/access/staff.yaml'] ?? '';
  gateway = await serveFiles({
    ...files,
    'gateway.yaml': `${files['gateway.yaml']}audit: { directory: audit, subjects: { Person: id } }\n`,
    'policies/access/staff.yaml': policy.replace(
      '    fields: { Person: [ssn] }\n    allow: { scopes: [ssn] }',
      '    class: government-id\n    fields: { Person: [ssn] }\n    allow: everyone',
    ),
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

const ask = async (query: string) => {
  const response = await fetch(gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return { status: response.status, text: await response.text() };
};

const lines = () => auditLines(join(gateway.directory, 'audit'));

async function audit(...words: string[]) {
  let out = '';
  const sink = { write: (text: string) => (out += text) };
  const code = await parseCommand(
    ['audit', ...words, '--config', join(gateway.directory, 'gateway.yaml')],
    { stdout: sink, stderr: sink, env: {}, stop: new AbortController().signal },
  );
  return { code, out };
}

describe('the audit trail of a served gateway', () => {
  it('holds who saw what before the answer is there, and no value', async () => {
    const answer = await ask('{ person(id: "42") { name ssn } }');
    expect(answer.text).toContain(ssn);
    const all = await lines();
    const event = JSON.parse(all.find((line) => line.includes('Person.ssn')) ?? '{}');
    expect(event).toMatchObject({
      class_uid: 6003,
      policy: { uid: 'ssn' },
      unmapped: {
        gateway: {
          decision: 'allowed',
          delivered: [{ field: 'Person.ssn', count: 1, rule: 'ssn' }],
          subjects: [{ type: 'Person' }],
          chain: { seq: expect.any(Number) },
        },
      },
    });
    expect(all.join('\n')).not.toMatch(/900-\d\d-|"42"|\bAda\b/);
  });

  it('says who saw whose', async () => {
    const { code, out } = await audit('who-saw', 'Person', '42', '--field', 'ssn', '--json');
    expect(code, out).toBe(0);
    expect(out).toContain('Person.ssn');
    expect((await audit('who-saw', 'Person', '43', '--json')).out).not.toContain('Person.ssn');
  });

  it('tells of policies that change and of those that are refused', async () => {
    const file = join(gateway.directory, 'policies/access/staff.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, `${text}  - name: broken\n    felds: {}\n`);
    await gateway.reload();
    await writeFile(file, `${text}# mended\n`);
    await gateway.reload();
    await ask('{ person(id: "42") { ssn } }');
    const events = (await lines()).map((line) => JSON.parse(line));
    const told = events.filter((one) => String(one.metadata.event_code).startsWith('policy'));
    expect(
      told.map((one) => [
        one.metadata.event_code,
        one.type_uid,
        one.severity_id,
        one.status_id,
        one.action_id,
        one.disposition_id,
      ]),
    ).toEqual([
      ['policy_reload_failed', 600_208, 4, 2, 2, 25],
      ['policy_reloaded', 600_208, 2, 1, 1, 1],
    ]);
    expect(told[0].unmapped.gateway.problems).toContainEqual({
      code: 'policy',
      place: expect.stringMatching(/staff\.yaml:\d+:\d+$/),
    });
  });

  it('verifies once the gateway has closed', async () => {
    await gateway.closeOnly();
    const { code, out } = await audit('verify', '--json');
    expect(code, out).toBe(0);
  });
});
