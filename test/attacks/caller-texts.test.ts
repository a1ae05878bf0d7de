/**
 * Texts that a caller brings along signed (subject, client, roles) or unsigned (headers, names of
 * operations), with line ends, the ends of JSON strings, terminal sequences, turned writing and
 * halves of characters: each audit line stays one event that says who it was, the log holds nothing
 * of them, and what an operator reads at a terminal is our own lines alone.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runIn } from '../cli/run-command.ts';
import { createSigningKey, signToken } from '../identify/loopback-issuer.ts';
import { auditLines } from '../support/audit-files.ts';
import { portOf, sendRaw } from '../support/raw-http.ts';
import {
  type PlayedUpstream,
  playUpstream,
  type Served,
  serveFiles,
  smallFiles,
} from '../support/served.ts';

const mark = 'evilmark';
const parts = {
  'a line of its own': `\n{"kind":"request","id":"forged"}\n`,
  'the end of a JSON string': `"}},"decision":"forged","x":{"y":"`,
  'a backslash': '\\',
  'terminal sequences': '\u001b[2J\u009b1A\u0008\u007f',
  'turned writing': '\u202egnorw\u2066x\u2069',
  'line separators': '\u0085\u2028::error::\u2029forged',
  'half a character': '\ud83d',
  'nothing that is seen': '\u0000\u200b\ufeff\u{e0041}',
};
const subjects = Object.entries(parts).map(([name, text]) => ({ name, subject: mark + text }));

let upstream: PlayedUpstream;
let gateway: Served;
const answers: number[] = [];
let lines: string[];

beforeAll(async () => {
  const key = await createSigningKey('k1');
  upstream = await playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('{"data":{"person":{"id":"42","fgs_id":"42","name":"Ada","ssn":"900-11-1111"}}}');
  });
  const files = smallFiles(upstream.url);
  gateway = await serveFiles({
    ...files,
    'keys.json': JSON.stringify({ keys: [key.jwk] }),
    'gateway.yaml': `${files['gateway.yaml']?.replace(
      'identity: { anonymous: allow }',
      'identity: { jwt: [{ issuer: "https://idp.example", audience: graph, jwks: keys.json, algorithms: [ES256], may: { scopes: [ssn] } }] }',
    )}audit: { directory: audit, subjects: { Person: id } }\n`,
    'policies/access/staff.yaml': `
version: 1
rules:
  - { name: open, fields: { Query: [person], Person: [id] }, allow: authenticated }
  - { name: ids, class: government-id, fields: { Person: [ssn] }, allow: { scopes: [ssn] } }
`,
  });
  const exp = Math.floor(Date.now() / 1000) + 300;
  for (const { subject } of subjects) {
    const claims = { exp, sub: subject, azp: subject, scope: `ssn ${subject}`, roles: [subject] };
    const token = await signToken({ key, claims: { ...claims, jti: subject } });
    answers.push(await send(token, { query: '{ person(id: "42") { ssn } }' }));
    await send(token, { query: `query ${mark} { person(id: "${mark}") { ssn nothing } }` });
    await send(token, { query: '{ person(id: 1) { id } }', operationName: subject.toWellFormed() });
  }
  await sendRaw(
    portOf(gateway.url),
    `POST /${mark}\u009b2J HTTP/1.1\r\nHost: ${mark}\r\nUser-Agent: \u009b2J${mark}\r\nConnection: close\r\n\r\n`,
  );
  await sendRaw(portOf(gateway.url), `${mark} \u001b[2J\r\n\r\n`);
  await gateway.closeOnly();
  lines = await auditLines(join(gateway.directory, 'audit'));
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

async function send(token: string, body: object): Promise<number> {
  const headers = {
    'content-type': 'application/json',
    authorization: `Bearer ${token}`,
    'user-agent': `${mark}\u0099`,
    traceparent: `00-${mark}-${mark}-01`,
    'x-request-id': mark,
  };
  const answer = await fetch(gateway.url, { method: 'POST', headers, body: JSON.stringify(body) });
  await answer.text();
  return answer.status;
}

interface Event {
  actor?: { user: { uid: string }; app_uid?: string };
  unmapped: { gateway: { decision: string; request?: string; delivered?: object[] } };
}
const eventsOf = (): Event[] => lines.map((line) => JSON.parse(line));

describe('the audit trail', () => {
  it.each(subjects)('says who it was: $name', ({ subject }) => {
    expect(answers).toEqual(subjects.map(() => 200));
    const theirs = eventsOf().filter(({ actor }) => actor?.user.uid === subject);
    expect(theirs.every(({ actor }) => actor?.app_uid === subject)).toBe(true);
    const seen = theirs.filter(({ unmapped }) => (unmapped.gateway.delivered?.length ?? 0) > 0);
    expect(seen).toHaveLength(1);
  });

  it('holds no event that was not ours, nor anything unsigned', () => {
    const decisions = new Set(eventsOf().map(({ unmapped }) => unmapped.gateway.decision));
    expect(decisions).not.toContain('forged');
    const unsigned = eventsOf().filter(({ actor }) => !actor?.user.uid.startsWith(mark));
    expect(unsigned.length).toBeGreaterThan(1);
    expect(JSON.stringify(unsigned)).not.toContain(mark);
  });
});

it('the log holds nothing of them', () => {
  expect(gateway.lines.length).toBeGreaterThan(3 * subjects.length);
  expect(JSON.stringify(gateway.lines)).not.toMatch(/evilmark|forged/);
});

describe('at a terminal', () => {
  const wellFormed = subjects.filter(({ subject }) => subject.isWellFormed());

  it('the last records are one line each', async () => {
    const { code, stdout } = await runIn(gateway.directory, ['audit', 'tail', '--lines', '500']);
    expect(code).toBe(0);
    expect(stdout.split('\n')).toHaveLength(lines.length + 1);
    expect(stdout).toContain(mark);
    expect(stdout).not.toMatch(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/u);
  });

  it('so is who saw somebody', async () => {
    const ran = await runIn(gateway.directory, ['audit', 'who-saw', 'Person', '42']);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain(mark);
    expect(ran.stdout).not.toMatch(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/u);
  });

  it.each(wellFormed)('so is what was accessed by $name', async ({ subject }) => {
    const ran = await runIn(gateway.directory, ['audit', 'who-accessed', subject]);
    expect(ran.code).toBe(0);
    expect(ran.stdout + ran.stderr).not.toMatch(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/u);
  });

  it('and the trail is whole', async () => {
    const ran = await runIn(gateway.directory, ['audit', 'verify']);
    expect(ran.code).toBe(0);
  });
});
