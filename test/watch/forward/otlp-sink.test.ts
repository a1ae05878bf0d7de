/** The sink itself: OpenTelemetry's serializer satisfies it, and breaches are told apart. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OtlpSink, startOtlpSink } from '../../support/otlp-sink.ts';
import { protocDecode } from '../../support/protoc.ts';

/** resource_logs { resource {} scope_logs { log_records { time_unix_nano: ... } } } */
const good = (() => {
  const time = Buffer.alloc(9);
  time[0] = 0x09;
  time.writeBigUInt64LE(1_795_446_000_001_000_000n, 1);
  const wrap = (tag: number, body: Buffer) =>
    Buffer.concat([Buffer.from([tag, body.length]), body]);
  const scope = wrap(0x12, wrap(0x12, time));
  return wrap(0x0a, Buffer.concat([Buffer.from([0x0a, 0]), scope]));
})();

describe('the OTLP sink', () => {
  let sink: OtlpSink;
  beforeAll(async () => {
    sink = await startOtlpSink();
  });
  afterAll(() => sink.close());

  const post = (body: Buffer, headers: Record<string, string> = {}, path = '/v1/logs') =>
    fetch(`${sink.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf', ...headers },
      body: new Uint8Array(body),
    });

  it('takes a well-formed request, plain and compressed', async () => {
    expect((await post(good)).status).toBe(200);
    expect((await post(gzipSync(good), { 'content-encoding': 'gzip' })).status).toBe(200);
    expect(sink.accepted('logs')).toHaveLength(2);
    expect(sink.complaints).toEqual([]);
    expect(await protocDecode('logs', good)).toContain('time_unix_nano: 1795446000001000000');
  });

  const breaches: readonly { name: string; send: () => Promise<Response> }[] = [
    { name: 'an unknown field', send: () => post(Buffer.concat([good, Buffer.from([0x7a, 0])])) },
    { name: 'a wrong wire type', send: () => post(Buffer.from([0x08, 1])) },
    { name: 'a cut message', send: () => post(good.subarray(0, -1)) },
    { name: 'JSON', send: () => post(Buffer.from('{}'), { 'content-type': 'application/json' }) },
    { name: 'a wrong path', send: () => post(good, {}, '/logs') },
    { name: 'deflate', send: () => post(good, { 'content-encoding': 'deflate' }) },
    { name: 'gzip that is none', send: () => post(good, { 'content-encoding': 'gzip' }) },
  ];
  it.each(breaches)('complains of $name', async ({ send }) => {
    const before = sink.complaints.length;
    expect((await send()).status).toBe(400);
    expect(sink.complaints).toHaveLength(before + 1);
  });
});
