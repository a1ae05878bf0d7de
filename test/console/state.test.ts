/** What the state says of a gateway that serves: what left, rates, policies, and when it is told no more. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ask, cursorOf, serveConsole, stateOf } from '../support/console.ts';

const access = (ids: string): string => `
version: 1
rules:
  - { name: directory, fields: { Query: [staff, person], Mutation: [rename], Person: [id, name] }, allow: everyone }
  - { name: ids, class: government-id, fields: { Person: [ssn] }, ${ids} }
`;

it('counts values that left by class and rule, and rates that are near or spent', async () => {
  const gateway = await serveConsole((files) => ({
    ...files,
    'policies/access/staff.yaml': access('allow: everyone'),
    'policies/rates/few.yaml':
      'version: 1\nrates: [{ name: few, per: address, limit: 2, window: 1h }]\n',
  }));
  for (const expected of [200, 200, 429]) {
    expect((await ask(gateway.url, '{ staff { ssn } }')).status).toBe(expected);
  }
  const [state] = (await stateOf(gateway.adminUrl)).processes;
  expect(state?.exposure).toEqual([
    { class: 'government-id', rule: 'ids', clear: [2, 2, 2], masked: [0, 0, 0] },
  ]);
  expect(state?.rates).toEqual([{ rate: 'few', near: [1, 1, 1], refused: [1, 1, 1] }]);
  expect(state?.decisions.map(({ line }) => line.reason)).toEqual([
    undefined,
    undefined,
    'rates/limited',
  ]);
  expect(state?.decisions[0]?.delivered).toEqual([
    { coordinate: 'Person.ssn', classes: ['government-id'], rule: 'ids', count: 1, masked: 0 },
  ]);
  expect(state).toMatchObject({
    hasAudit: true,
    owners: { Person: 'Person' },
    faults: 0,
    skipped: 0,
    last: 3,
  });
  // What metrics count is read from them, and nothing that names a host.
  const names = new Set(state?.readings.map(({ name }) => name));
  expect(names).toContain('gateway.circuit.state');
  expect(names).not.toContain('http.client.request.duration');
});

it('says in which step a request was refused, and that others were answered', async () => {
  const gateway = await serveConsole((files) => ({
    ...files,
    'policies/rates/few.yaml':
      'version: 1\nrates: [{ name: few, fields: { Query: [staff] }, per: address, limit: 1, window: 1h }]\n',
  }));
  for (const query of ['{ nothing }', '{ staff { name } }', '{ staff { name } }'])
    await ask(gateway.url, query);
  const [state] = (await stateOf(gateway.adminUrl)).processes;
  expect(state?.decisions.map(({ line }) => [line.reason, line.stage])).toEqual([
    ['limits/invalid', 'parse'],
    [undefined, 'answer'],
    ['rates/limited', 'charge'],
  ]);
});

it('says what a rule asks for beside scopes, in kinds without what is in them', async () => {
  const hours = '{ days: [mon], from: "09:00", to: "09:01", zone: UTC }';
  const more = `require: { clients: [portal], auth: { acr: [mfa] }, hours: ${hours} }`;
  const rule = (about: string) =>
    access(`allow: { any: [{ scopes: [ssn] }, { roles: [hr] }] } }
  - { name: more, fields: { Person: [name] }, ${about}`);
  const gateway = await serveConsole((files) => ({
    ...files,
    'policies/access/staff.yaml': rule('forbid: true'),
  }));
  const denials = async () => {
    await ask(gateway.url, '{ staff { id name ssn } }');
    const [state] = (await stateOf(gateway.adminUrl)).processes;
    return state?.decisions
      .at(-1)
      ?.denials.map(({ coordinate, scopes, asks }) => ({ coordinate, scopes, asks }))
      .sort((one, other) => one.coordinate.localeCompare(other.coordinate));
  };
  const ssn = { coordinate: 'Person.ssn', scopes: ['ssn'], asks: ['roles'] };
  expect(await denials()).toEqual([
    { coordinate: 'Person.name', scopes: [], asks: ['nobody'] },
    ssn,
  ]);
  const file = join(gateway.directory, 'policies/access/staff.yaml');
  await writeFile(file, rule(more));
  await gateway.reload();
  expect(await denials()).toEqual([
    { coordinate: 'Person.name', scopes: [], asks: ['clients', 'auth', 'hours'] },
    ssn,
  ]);
});

it('says why newer policies are not taken up, until they are', async () => {
  const gateway = await serveConsole();
  const file = join(gateway.directory, 'policies/access/staff.yaml');
  const policy = async () => (await stateOf(gateway.adminUrl)).processes[0]?.policy;
  const before = await policy();
  await writeFile(file, access('allow: nonsense'));
  await gateway.reload();
  const failed = await policy();
  expect(failed?.digest).toBe(before?.digest);
  expect(failed?.complaint?.problems.join()).toContain('staff.yaml');
  await writeFile(file, access('allow: everyone'));
  await gateway.reload();
  const after = await policy();
  expect(after?.complaint).toBeUndefined();
  expect(after?.digest).not.toBe(before?.digest);
});

it('leaves out what was read, and begins anew with another process', async () => {
  const gateway = await serveConsole();
  await ask(gateway.url, '{ nothing }');
  const state = await stateOf(gateway.adminUrl);
  expect(state.processes[0]?.decisions).toHaveLength(1);
  const again = await stateOf(gateway.adminUrl, cursorOf(state));
  expect(again.processes[0]?.decisions).toHaveLength(0);
  const other = await stateOf(gateway.adminUrl, 'ffffffff.1');
  expect(other.processes[0]?.decisions).toHaveLength(1);
});

it('shows what detections raised, and for nobody: no caller, no address', async () => {
  const detect = `
version: 1
detections:
  - { name: guessing, title: Queries that fit nothing, severity: high, match: { reasons: [limits/invalid] }, count: 2, window: 1m, per: address }
`;
  const gateway = await serveConsole((files) => ({ ...files, 'policies/detect/few.yaml': detect }));
  const alerts = async () => (await stateOf(gateway.adminUrl)).processes[0]?.alerts;
  await ask(gateway.url, '{ nothing }');
  expect(await alerts()).toEqual([]);
  await ask(gateway.url, '{ nothing }');
  const [alert, ...others] = (await alerts()) ?? [];
  expect(alert).toEqual({
    timeMs: expect.any(Number),
    detection: 'guessing',
    severity: 'high',
    title: 'Queries that fit nothing: 2 requests in 1m of one address, 2 raise an alert',
    requestId: expect.stringMatching(/^[0-9a-f-]+$/),
  });
  expect(others).toEqual([]);
  expect(JSON.stringify(alert)).not.toContain('127.0.0.1');
});
