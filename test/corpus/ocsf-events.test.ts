/** Every kind of event validates against the compiled OCSF 1.8.0 schema, by a validator not ours. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toAlertEvent } from '../../gateway/watch/audit-event/alert-event.ts';
import {
  toFindingEvent,
  toFloodEvent,
  toPolicyEvent,
} from '../../gateway/watch/audit-event/gateway-event.ts';
import { alertOf } from '../support/alerts.ts';
import { auditLines } from '../support/audit-files.ts';
import { auditRows, bringAbout } from '../support/audit-rows.ts';
import { runServed } from '../support/audit-served.ts';
import { ocsfSchema, ocsfValidator } from './documents.ts';

const context = { product: { name: 'Fieldgate', version: '0.1.0' }, toSubjectId: undefined };

function validate(lines: readonly string[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'ocsf-'));
  try {
    const file = join(directory, 'events.ndjson');
    writeFileSync(file, `${lines.join('\n')}\n`);
    return execFileSync('python3', [ocsfValidator, ocsfSchema, file], { encoding: 'utf8' });
  } catch (error) {
    const { status, stdout } = error as { status?: number; stdout?: string };
    // Python ends so as well where it breaks, and says so elsewhere.
    if (status !== 1 || !stdout) throw error;
    return `invalid: ${stdout}`;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('the validator finds what is wrong', () => {
  expect(validate(['{"class_uid":6003}'])).toMatch(/^invalid/);
});

test.each(auditRows)('$name', async (row) => {
  const { texts } = await bringAbout(row);
  expect(validate(texts)).not.toMatch(/invalid/);
});

test.each([
  alertOf(),
  alertOf({ severity: 'fatal', crowded: true, heldBack: 7, caller: undefined, client: undefined }),
  alertOf({ severity: 'informational', per: [], key: '', requests: [], traceId: undefined }),
  alertOf({ address: '' }),
])('alerts of detections', (alert) => {
  expect(validate([toAlertEvent(alert, context)])).not.toMatch(/invalid/);
});

test('events that no request stands for', () => {
  const at = { timeMs: 1_795_446_000_000 };
  const texts = [
    ...['admit/ip-blocked', 'identify/key-unknown', 'admit/address-unknown'].map((reason) =>
      toFloodEvent(
        {
          reason,
          count: 7,
          addresses: [{ address: reason === 'admit/address-unknown' ? '' : '192.0.2.1', count: 7 }],
          otherAddresses: 0,
          fromMs: at.timeMs,
        },
        context,
        reason,
      ),
    ),
    toPolicyEvent(
      {
        ...at,
        decision: 'policy_reloaded',
        digest: 'b'.repeat(64),
        from: 'a'.repeat(64),
        problems: [],
      },
      context,
      'b',
    ),
    toPolicyEvent(
      {
        ...at,
        decision: 'policy_reload_failed',
        digest: 'b'.repeat(64),
        from: 'a'.repeat(64),
        problems: [{ code: 'unknown-key', place: 'access/a.yaml:1:1' }],
      },
      context,
      'c',
    ),
    toFindingEvent(
      {
        ...at,
        detector: 'second_lock',
        title: 't',
        severity: 5,
        request: 'r',
        caller: 'u',
        address: '192.0.2.1',
        coordinates: ['T.a'],
      },
      context,
      'd',
    ),
  ];
  expect(validate(texts)).not.toMatch(/invalid/);
});

test('every line of a served gateway: floods, policies, checkpoints, recovery, and who asked', async () => {
  const { directory, remove } = await runServed();
  const texts = [
    ...(await auditLines(directory)),
    ...(await auditLines(join(directory, 'queries'))),
  ];
  await remove();
  const decisions = texts.map((text) => JSON.parse(text).unmapped.gateway.decision);
  expect(new Set(decisions)).toEqual(
    new Set([
      'allowed',
      'closed',
      'field_denied',
      'request_rejected',
      'policy_reloaded',
      'policy_reload_failed',
      'audit_checkpoint',
      'audit_recovered',
      'audit_query',
    ]),
  );
  expect(texts.some((text) => text.includes('"aggregated":true'))).toBe(true);
  expect(validate(texts)).not.toMatch(/invalid/);
});
