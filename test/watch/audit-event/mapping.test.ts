/** Each kind of decision becomes the OCSF event that belongs to it, and holds nothing it must not. */
import { describe, expect, it } from 'vitest';
import { Refusal, reasons } from '../../../gateway/decision.ts';
import { toFloodEvent } from '../../../gateway/watch/audit-event/gateway-event.ts';
import {
  childEventsMax,
  toRequestEvents,
} from '../../../gateway/watch/audit-event/request-event.ts';
import { splitGroups } from '../../../gateway/watch/audit-event/subject-groups.ts';
import { FloodCounter } from '../../../gateway/watch/flood.ts';
import { auditRows, bringAbout } from '../../support/audit-rows.ts';
import { newRecord } from '../../support/delegation.ts';

describe('the event of', () => {
  it.each(auditRows)('$name', async (row) => {
    const { events, texts } = await bringAbout(row);
    const event = events.findLast((one) => one.metadata.event_code === row.code);
    expect(event, texts.join('\n')).toBeDefined();
    const { class_uid, activity_id, severity_id, status_id, action_id, disposition_id } = event;
    expect([class_uid, activity_id, severity_id, status_id, action_id, disposition_id]).toEqual(
      row.expect,
    );
    expect(event.type_uid).toBe(class_uid * 100 + activity_id);
    for (const text of texts) {
      expect(text).toMatch(/\}\}\}$/);
      expect(text.split('"unmapped"')).toHaveLength(2);
      expect(text).not.toMatch(/900-\d\d-|0123456789|u0022|people \{/);
    }
    expect(new Set(events.map((one) => one.metadata.uid)).size).toBe(events.length);
  });
});

const rowOf = (name: string) => {
  const found = auditRows.find((row) => row.name === name);
  if (found === undefined) throw new Error(`no row ${name}`);
  return found;
};

describe('what an event tells', () => {
  it('who saw what of whom, under which rule', async () => {
    const { events } = await bringAbout(rowOf('allowed'));
    expect(events[0]).toMatchObject({
      actor: {
        user: { uid: 'u-1' },
        app_uid: 'portal',
        session: { issuer: 'https://idp.example.test' },
      },
      src_endpoint: { ip: '127.0.0.1' },
      policy: { uid: 'ids' },
      http_response: { code: 200 },
      resources: [{ type: 'Person', uid: 'e1:UGVyc29uMQ' }],
      unmapped: {
        gateway: {
          delivered: [
            { field: 'Person.ssn', classes: ['government-id'], count: 1, masked: 0, rule: 'ids' },
          ],
          subjects: [{ type: 'Person', fields: [0], ids: ['e1:UGVyc29uMQ'] }],
          upstream_calls: 1,
        },
      },
    });
    const { request, bytes } = events[0].unmapped.gateway;
    expect(events.at(-1).unmapped.gateway).toMatchObject({
      closing: true,
      aborted: false,
      closed: [{ request, bytes, duration_ms: expect.any(Number) }],
    });
  });

  it('which scope was missing', async () => {
    const { events } = await bringAbout(rowOf('field denied'));
    const denial = events.find((one) => one.metadata.event_code === 'field_denied');
    expect(denial.policy.uid).toBe('ids');
    expect(denial.unmapped.gateway).toMatchObject({
      field: 'Person.ssn',
      classes: ['government-id'],
      missing_scopes: ['hr:ssn'],
    });
  });

  it('which rate was exhausted, and which list blocked', async () => {
    const limited = await bringAbout(rowOf('rate limited'));
    expect(limited.events.at(-1).policy.uid).toBe('few');
    const blocked = await bringAbout(rowOf('blocked address'));
    expect(blocked.events[0].firewall_rule).toEqual({ uid: 'admit/ip-blocked', name: 'blocked' });
  });

  it(`at most ${childEventsMax} events of single coordinates`, async () => {
    const fields = Array.from({ length: 40 }, (_, at) => `f${at}: String`).join(' ');
    const names = Array.from({ length: 40 }, (_, at) => `f${at}`);
    const { events } = await bringAbout({
      ...rowOf('field denied'),
      query: `{ wide { ${names.join(' ')} } }`,
      options: {
        upstreams: {
          hr: {
            sdl: `type Query { wide: Wide } type Wide { ${fields} }`,
            answer: () => ({ data: { wide: {} } }),
          },
        },
        rules: `version: 1\nrules:\n  - { name: q, fields: { Query: [wide] }, allow: everyone }\n  - { name: no, fields: { Wide: [${names.join()}] }, allow: { scopes: [none] } }\n`,
        subjects: new Map(),
      },
    });
    expect(events.filter((one) => one.metadata.event_code === 'field_denied')).toHaveLength(
      childEventsMax,
    );
    expect(events[0].unmapped.gateway.fields.denied).toBe(40);
  });
});

describe('subjects of a long answer', () => {
  it.each([
    { name: 'none', sizes: [], parts: [0] },
    { name: 'as many as fit', sizes: [3, 2], parts: [5] },
    { name: 'one too many', sizes: [5, 1], parts: [5, 1] },
    { name: 'a group over several events', sizes: [12], parts: [5, 5, 2] },
  ])('$name', ({ sizes, parts }) => {
    const groups = sizes.map((size, at) => ({
      type: 'T',
      fields: [at],
      ids: Array.from({ length: size }, (_, index) => `${at}-${index}`),
    }));
    const split = splitGroups(groups, 5);
    expect(split.map((part) => part.reduce((sum, { ids }) => sum + ids.length, 0))).toEqual(parts);
    expect(split.flat().flatMap(({ ids }) => ids)).toEqual(groups.flatMap(({ ids }) => ids));
  });
});

describe('a flood of refusals', () => {
  const blocked = (address: string) => ({
    ...newRecord(),
    clientAddress: address,
    refusal: new Refusal('admit/ip-blocked'),
  });

  it('is written one by one at first, then counted by the second', () => {
    const floods = new FloodCounter();
    let own = 0;
    for (let count = 0; count < 5_000; count += 1) {
      if (floods.admit(blocked(`192.0.2.${count % 3}`), 10_000 + (count % 900)).own) own += 1;
    }
    expect(own).toBe(20);
    const [flood, ...more] = floods.takeEnded(11_000);
    expect(more).toEqual([]);
    expect(flood).toMatchObject({
      reason: 'admit/ip-blocked',
      count: 4_980,
      fromMs: 10_000,
      otherAddresses: 0,
    });
    expect(flood?.addresses.reduce((sum, { count }) => sum + count, 0)).toBe(4_980);
    expect(floods.takeEnded(11_000)).toEqual([]);
    const event = JSON.parse(
      toFloodEvent(
        flood as never,
        { product: { name: 'F', version: '1' }, toSubjectId: undefined },
        'u',
      ),
    );
    expect(event).toMatchObject({ class_uid: 6003, count: 4_980, disposition_id: 2 });
  });

  it('from a million addresses holds a bounded number of them', () => {
    const floods = new FloodCounter();
    for (let count = 0; count < 20_000; count += 1)
      floods.admit(blocked(`10.${count >> 16}.${(count >> 8) & 255}.${count & 255}`), 5_000);
    const [flood] = floods.takeEnded(6_000);
    expect(flood?.addresses).toHaveLength(20);
    expect((flood?.otherAddresses ?? 0) + 20).toBe(19_980);
  });

  // Who counts guessed credentials must not lose sight of them where there are many.
  it.each(reasons)('for %s is told in the words of a single one', (reason) => {
    const context = { product: { name: 'F', version: '1' }, toSubjectId: undefined };
    const [single = ''] = toRequestEvents(
      { ...newRecord(), refusal: new Refusal(reason) },
      context,
    );
    const flood = { reason, count: 3, addresses: [], otherAddresses: 3, fromMs: 10_000 };
    const wordsOf = (text: string) => {
      const event = JSON.parse(text);
      const { category_uid, class_uid, activity_id, type_uid, severity_id } = event;
      const { status_id, status_code, action_id, disposition_id, metadata, unmapped } = event;
      return {
        numbers: [category_uid, class_uid, activity_id, type_uid, severity_id],
        outcome: [status_id, status_code, action_id, disposition_id],
        decisions: [metadata.event_code, unmapped.gateway.decision],
      };
    };
    expect(wordsOf(toFloodEvent(flood, context, 'u'))).toEqual(wordsOf(single));
  });

  it('by identified callers is written whole', () => {
    const floods = new FloodCounter();
    const caller = { kind: 'token' } as never;
    const own = Array.from(
      { length: 100 },
      () => floods.admit({ ...blocked('192.0.2.1'), caller }, 1_000).own,
    );
    expect(own.every(Boolean)).toBe(true);
  });
});
