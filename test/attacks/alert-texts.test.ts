/**
 * Texts that a caller chose, in alerts: a subject that mentions a channel, that is a link, that begins
 * a line of its own, that runs backwards. And what is not there at all unless asked for.
 */
import { describe, expect, test } from 'vitest';
import { toPagerDutyBody } from '../../gateway/watch/alerts/pagerduty-body.ts';
import { toSlackBody } from '../../gateway/watch/alerts/slack-body.ts';
import { toStandardBody } from '../../gateway/watch/alerts/standard-body.ts';
import { toAlertEvent } from '../../gateway/watch/audit-event/alert-event.ts';
import { alertOf } from '../support/alerts.ts';

const hostile = [
  '<!channel> <!here> <@U123|x>',
  '@channel @everyone \uff20here',
  '<https://evil.example|click>',
  'https://evil.example/?a=1&b=2',
  '[click](https://evil.example)',
  'www.evil.example mailto:a@evil.example',
  'ada\nseverity: none\r\n\u2028all is well',
  'ada\u202egnp.exe\u202c\u2066\u200b\ufeff',
  'a\u0000b\u001b[2J\u009b31m',
  '&lt;!channel&gt;',
  '`*_~|#!\\',
  '\ud800 half a sign',
  'x'.repeat(100_000),
];

const everything = ['caller', 'address'] as const;
const invisible = /[\p{C}\p{Zl}\p{Zp}]/u;

describe.each(hostile)('%j', (text) => {
  const alert = alertOf({ caller: text, client: text, address: text });

  test('Slack: mentions nobody, is no link, stays in its line', () => {
    const body = JSON.parse(toSlackBody(alert, everything));
    expect(body).toMatchObject({ mrkdwn: false, parse: 'none', link_names: false });
    const lines = String(body.text).split('\n');
    expect(lines.map((line) => line.split(' ')[0])).toEqual([
      '[high]',
      'detection',
      'key',
      'caller',
      'client',
      'address',
      'requests',
      'trace',
    ]);
    for (const line of lines) {
      expect(line).not.toMatch(/[<>@\uff20`*|]/);
      expect(line).not.toMatch(/&(?!amp;|lt;|gt;)/);
      expect(line).not.toMatch(/:\/\/|\bwww\.|mailto:|\]\(/);
      expect(line).not.toMatch(invisible);
      expect(line.length).toBeLessThan(2_000);
    }
  });

  test('PagerDuty and Standard Webhooks: one short line that can be seen', () => {
    const bodies = [
      JSON.parse(toPagerDutyBody(alert, everything, 'k'.repeat(32))).payload.custom_details,
      JSON.parse(toStandardBody(alert, everything)).data,
    ];
    for (const { caller, client, address } of bodies) {
      for (const one of [caller, client, address]) {
        expect(one).not.toMatch(invisible);
        expect(one.length).toBeLessThanOrEqual(200);
      }
    }
  });

  test('PagerDuty: summary and dedup key are ours alone', () => {
    const { payload, dedup_key: dedupKey } = JSON.parse(
      toPagerDutyBody(alert, everything, 'k'.repeat(32)),
    );
    expect(dedupKey).toBe(`fieldgate/tokens-guessed/${alert.key}`);
    expect(payload.summary).toBe(
      'One address shows credentials that do not hold: 20 requests in 5m of one address, 20 raise an alert',
    );
  });

  test('the audit trail: one line of JSON, of bounded length', () => {
    const line = toAlertEvent(
      { ...alert, address: '198.51.100.7' },
      {
        product: { name: 'Fieldgate', version: '0' },
        toSubjectId: undefined,
      },
    );
    expect(line).not.toMatch(/[\r\n]/);
    expect(line.length).toBeLessThan(10_000);
    expect(JSON.parse(line)).toMatchObject({ class_uid: 2004, severity_id: 4, is_alert: true });
    expect(line).toMatch(/}}}$/);
  });
});

test.each([
  ['standard', toStandardBody(alertOf({}), [])],
  ['slack', toSlackBody(alertOf({}), [])],
  ['pagerduty', toPagerDutyBody(alertOf({}), [], 'k'.repeat(32))],
])('%s: names nobody unless it is asked to', (_format, body) => {
  expect(body).not.toMatch(/\bada\b|portal|198\.51\.100/);
  expect(body).toContain('0123456789abcdef0123456789abcdef');
});

test.each([
  { include: ['caller'] as const, there: /ada.*portal/s, gone: /198\.51/ },
  { include: ['address'] as const, there: /198\.51/, gone: /\bada\b|portal/ },
])('$include and nothing else', ({ include, there, gone }) => {
  const body = toStandardBody(alertOf({}), include);
  expect(body).toMatch(there);
  expect(body).not.toMatch(gone);
});

test('a title that an operator wrote with signs of mark-up is text', () => {
  const body = JSON.parse(toSlackBody(alertOf({ title: 'a < b & <!channel>' }), []));
  expect(body.text).toContain('a &lt; b &amp; &lt;!channel&gt;');
});
