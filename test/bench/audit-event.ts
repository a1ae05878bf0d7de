/**
 * Prints what the events of one request cost to make, without a log: CPU time per request that
 * delivers nothing, one value, and 100 rows, each of other people than the one before.
 * `node test/bench/audit-event.ts`
 */
import { randomBytes } from 'node:crypto';
import type { Tally } from '../../gateway/plan/tally.ts';
import { openRecord, type RequestRecord } from '../../gateway/request.ts';
import { createAuditSeal } from '../../gateway/watch/audit-event/seal.ts';
import { SubjectKeys } from '../../gateway/watch/subject-keys.ts';

const keys = new SubjectKeys([{ id: 'e1', key: randomBytes(32), fromMs: 0 }]);
const seal = createAuditSeal({
  sink: { append: () => ({ ok: true, written: undefined }) },
  context: {
    product: { name: 'Fieldgate', version: '0' },
    toSubjectId: (type, id) => keys.subjectId(type, id),
  },
  now: Date.now,
  newUid: () => 'uid',
  lost: () => undefined,
});
const trace = {
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  parentSpanId: undefined,
  sampled: true,
};

function recordOf(rows: number, nth: number): RequestRecord {
  const subjects = Array.from({ length: rows }, (_, at) => ({
    type: 'Person',
    id: String(nth * rows + at),
  }));
  const delivered = {
    coordinate: 'Person.ssn',
    classes: ['government-id'],
    count: rows,
    masked: 0,
    rule: 'ids',
  };
  return {
    ...openRecord({ id: `r-${nth}`, startedAtMs: 1, trace, peer: '127.0.0.1', method: 'POST' }),
    status: 200,
    operation: { type: 'query', hash: 'c'.repeat(64), named: true },
    delivered: rows === 0 ? [] : [delivered],
    classified: [{ coordinate: 'Person.ssn' }] as unknown as RequestRecord['classified'],
    tally: { slots: subjects.map(() => 0), subjects } as unknown as Tally,
  };
}

for (const rows of [0, 1, 100]) {
  const times = rows === 100 ? 2_000 : 20_000;
  for (const run of ['warm', 'counted']) {
    const records = Array.from({ length: times }, (_, nth) =>
      recordOf(rows, nth + (run === 'warm' ? 0 : times)),
    );
    const before = process.cpuUsage();
    for (const record of records) {
      seal.seal(record);
      seal.observe(record);
    }
    const { user, system } = process.cpuUsage(before);
    if (run === 'counted') {
      process.stdout.write(
        `${rows} rows: ${((user + system) / times).toFixed(1)} us per request\n`,
      );
    }
  }
}
