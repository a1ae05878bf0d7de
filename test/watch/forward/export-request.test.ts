/** Audit lines on the wire, decoded by protobufjs and by protoc, which share no code with ours. */
import { describe, expect, it } from 'vitest';
import { toAlertEvent } from '../../../gateway/watch/audit-event/alert-event.ts';
import { auditDecisions } from '../../../gateway/watch/audit-event/decision-of.ts';
import { createExportEncoder } from '../../../gateway/watch/forward/export-request.ts';
import { alertOf } from '../../support/alerts.ts';
import { decodeRequest } from '../../support/otlp-schema.ts';
import { attributesOf, type Item } from '../../support/otlp-sink.ts';
import { protocDecode } from '../../support/protoc.ts';
import { toEvent, toLine } from './segment-writer.ts';

const observedMs = 1_795_446_111_222;

async function encode(lines: readonly (string | Buffer)[]) {
  const buffers = lines.map((line) => Buffer.from(line));
  const toRequest = createExportEncoder({ 'service.name': 'fieldgate' });
  const bytes = await toRequest(
    buffers.map((bytes) => ({ bytes })),
    observedMs,
  );
  const message = decodeRequest('logs', bytes) as {
    resourceLogs: { resource: Item; scopeLogs: { scope: Item; logRecords: Item[] }[] }[];
  };
  const [first] = message.resourceLogs;
  return { bytes, resource: first?.resource, scope: first?.scopeLogs[0] };
}

const bodyOf = (record: Item | undefined) => record?.body as Record<string, unknown>;

describe('an audit line as a log record', () => {
  it('has the exact line as body and the facts as flat attributes', async () => {
    const line = toLine(7);
    const { resource, scope, bytes } = await encode([line]);
    expect(attributesOf(resource as Item)).toEqual({ 'service.name': 'fieldgate' });
    expect(scope?.scope.name).toBe('gateway.audit');
    const [record] = scope?.logRecords ?? [];
    expect(bodyOf(record).stringValue).toBe(line);
    expect(record).toMatchObject({
      timeUnixNano: '1795446000007000000',
      observedTimeUnixNano: '1795446111222000000',
      severityNumber: 9,
      severityText: 'INFO',
      eventName: 'gateway.request',
      traceId: Buffer.from('7'.padStart(32, 'a'), 'hex'),
      spanId: Buffer.from('7'.padStart(16, 'b'), 'hex'),
    });
    expect(attributesOf(record as Item)).toEqual({
      'log.record.uid': 'uid-7',
      'user.id': 'user-7',
      'user.roles': ['hr'],
      'session.id': 'aGFzaGVkLXRva2Vu',
      'client.address': '203.0.113.9',
      'client.geo.country_iso_code': 'DE',
      'http.request.method': 'POST',
      'http.response.status_code': 200,
      'graphql.operation.type': 'query',
      'graphql.operation.name': 'EmployeeList',
      'security_rule.name': 'hr-reads-ssn',
      'security_rule.version': '7c9e6679f0b14ac1',
      'gateway.decision': 'allowed',
      'gateway.request.id': 'request-7',
      'gateway.app.id': 'payroll-web',
      'gateway.policy.digest': '7c9e6679f0b14ac1b0c2d3e4f5a69788',
      'gateway.operation.hash': 'sha256:5d41402abc4b2a76',
      'gateway.chain.id': 'chain-1',
      'gateway.chain.seq': 7,
      'gateway.sensitive.records': 3,
      'gateway.sensitive.classes': ['pii.ssn'],
    });
    const text = await protocDecode('logs', bytes);
    expect(text).toContain('event_name: "gateway.request"');
    expect(text).toContain(`string_value: ${JSON.stringify(line)}`);
    expect(text).toContain('trace_id: "\\252\\252');
    expect(text).not.toMatch(/^\s*\d+:/m);
  });

  it('an alert says in flat attributes whom it is about, and from where', async () => {
    const product = { name: 'Fieldgate', version: '0.1.0' };
    const { scope } = await encode([toAlertEvent(alertOf(), { product, toSubjectId: undefined })]);
    expect(attributesOf(scope?.logRecords[0] as Item)).toMatchObject({
      'user.id': 'ada',
      'gateway.app.id': 'portal',
      'client.address': '198.51.100.7',
      'gateway.detector': 'tokens-guessed',
    });
  });

  const names: Readonly<Record<string, readonly [string, number]>> = {
    allowed: ['gateway.request', 9],
    masked: ['gateway.field.masked', 9],
    field_denied: ['gateway.field.denied', 13],
    rate_limited: ['gateway.rate_limited', 13],
    network_blocked: ['gateway.network.blocked', 13],
    auth_failed: ['gateway.auth.failed', 13],
    limit_exceeded: ['gateway.limit.exceeded', 13],
    document_rejected: ['gateway.document.rejected', 13],
    request_rejected: ['gateway.request.rejected', 9],
    overloaded: ['gateway.overloaded', 13],
    upstream_failed: ['gateway.upstream.failed', 17],
    failed: ['gateway.failed', 17],
    abandoned: ['gateway.request.abandoned', 9],
    detection: ['gateway.detection', 17],
    policy_reloaded: ['gateway.policy.reloaded', 9],
    closed: ['gateway.requests.closed', 9],
    policy_reload_failed: ['gateway.policy.reload_failed', 17],
  };
  it('names every decision of the audit trail', async () => {
    expect(Object.keys(names).sort()).toEqual([...auditDecisions].sort());
    const { scope } = await encode(
      auditDecisions.map((decision, index) =>
        toLine(index + 1, toEvent(index + 1, { gateway: { decision } })),
      ),
    );
    const found = scope?.logRecords.map(({ eventName, severityNumber }) => [
      eventName,
      severityNumber,
    ]);
    expect(found).toEqual(auditDecisions.map((decision) => names[decision]));
  });

  const oddities: readonly {
    name: string;
    line: string | Buffer;
    expect: Record<string, unknown>;
  }[] = [
    {
      name: 'a critical detection',
      line: toLine(1, toEvent(1, { severity_id: 5, gateway: { decision: 'detection' } })),
      expect: { eventName: 'gateway.detection', severityNumber: 21 },
    },
    {
      name: 'a decision of a later version',
      line: toLine(1, toEvent(1, { severity_id: 4, gateway: { decision: 'quarantined' } })),
      expect: { eventName: 'gateway.quarantined', severityNumber: 17 },
    },
    {
      name: 'a decision that names a prototype member',
      line: toLine(1, toEvent(1, { gateway: { decision: '__proto__' } })),
      expect: { eventName: 'gateway.event', severityNumber: 9 },
    },
    {
      name: 'what is no JSON',
      line: 'edited by hand',
      expect: { eventName: 'gateway.audit.unreadable', severityNumber: 17 },
    },
    {
      name: 'JSON that is no event',
      line: '{"actor":null,"unmapped":{"gateway":{"delivered":[null,7],"roles":[1]}},"time":-1}',
      expect: { eventName: 'gateway.event', timeUnixNano: `${observedMs}000000` },
    },
    {
      name: 'a decision and a severity that cannot be made texts',
      line: '{"severity_id":{"valueOf":1,"toString":1},"unmapped":{"gateway":{"decision":{"toString":1}}}}',
      expect: { eventName: 'gateway.event', severityNumber: 9 },
    },
    {
      name: 'a trace id that is none',
      line: toLine(1, toEvent(1, { trace: { uid: 'xyz', span: { uid: 'b'.repeat(16) } } })),
      expect: { eventName: 'gateway.request' },
    },
  ];
  it.each(oddities)('ships $name', async ({ line, expect: wanted }) => {
    const { scope, bytes } = await encode([line, toLine(2)]);
    expect(scope?.logRecords).toHaveLength(2);
    expect(scope?.logRecords[0]).toMatchObject(wanted);
    expect(bodyOf(scope?.logRecords[0]).stringValue).toBe(String(line));
    await protocDecode('logs', bytes);
  });

  it('keeps bytes that are no text', async () => {
    const line = Buffer.from([0x7b, 0xff, 0xfe, 0x7d]);
    const { scope, bytes } = await encode([line]);
    expect(bodyOf(scope?.logRecords[0]).bytesValue).toEqual(line);
    await protocDecode('logs', bytes);
  });

  it.each([1, 100, 127, 128, 16_000, 16_384, 300_000, 2_100_000])(
    'writes lengths right around %d bytes',
    async (size) => {
      const name = 'ü€😀'.repeat(30);
      const event = toEvent(1, { pad: 'x'.repeat(size), gateway: { operation: { name } } });
      const { scope, bytes } = await encode([`{"a":"${'y'.repeat(size)}"}`, toLine(1, event)]);
      const [, record] = scope?.logRecords ?? [];
      expect(attributesOf(record as Item)['graphql.operation.name']).toBe(name);
      expect(bodyOf(record).stringValue).toBe(toLine(1, event));
      await protocDecode('logs', bytes);
    },
  );
});
