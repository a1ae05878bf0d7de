/**
 * A connection that was reset before it was taken: the system no longer says from where. Its events say
 * so, and hold no empty text where tools that read OCSF, and Elastic's fields of addresses, take none.
 */
import { expect, test } from 'vitest';
import { Refusal } from '../../../gateway/decision.ts';
import { toAlertEvent } from '../../../gateway/watch/audit-event/alert-event.ts';
import type { FlatEvent } from '../../../gateway/watch/audit-event/flat-event.ts';
import { createAuditSeal } from '../../../gateway/watch/audit-event/seal.ts';
import { alertOf } from '../../support/alerts.ts';
import { newRecord } from '../../support/delegation.ts';

const context = { product: { name: 'Fieldgate', version: '0.1.0' }, toSubjectId: undefined };
const unknown = { name: 'unknown' };
const gone = () => ({ ...newRecord(), peer: '', refusal: new Refusal('admit/address-unknown') });

test('a request, and the end of one', async () => {
  const texts: string[] = [];
  const flats: (FlatEvent | undefined)[] = [];
  const seal = createAuditSeal({
    sink: {
      append(json, flat) {
        texts.push(json);
        flats.push(flat);
        return { ok: true, written: undefined };
      },
    },
    context,
    now: () => 1_795_446_000_000,
    newUid: () => 'uid',
    keepsFlat: true,
    lost: () => undefined,
  });
  const record = { ...gone(), aborted: true };
  await seal.seal(record);
  seal.observe(record);
  for (let at = 0; at < 60; at += 1) await seal.seal(gone());
  seal.close();
  const events = texts.map((text) => JSON.parse(text));
  const codes = new Set(events.map(({ metadata }) => metadata.event_code));
  expect(codes).toEqual(new Set(['network_blocked', 'abandoned']));
  expect(events.some(({ unmapped }) => unmapped.gateway.aggregated)).toBe(true);
  for (const event of events) expect(event.src_endpoint).toEqual(unknown);
  expect(flats[0]?.src_endpoint.ip).toBeUndefined();
});

test('an alert', () => {
  const event = JSON.parse(toAlertEvent(alertOf({ address: '' }), context));
  expect(event.evidences[0].src_endpoint).toEqual(unknown);
});
