/**
 * Reads the keys that make records' ids unreadable in the audit trail (`audit.subjectKeys.file`):
 * epochs with an id, a 32-byte key in base64, and a start time. A destroyed epoch keeps its entry
 * without a key, so that its id is never used again. If no file is configured, a key is made and
 * kept beside the log, with a warning.
 */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { checkYaml } from '../files/yaml-check.ts';
import { complain } from '../files/yaml-complaint.ts';
import { readYaml } from '../files/yaml-source.ts';
import { readIfThere } from './audit-log/signing-key.ts';
import { SubjectKeys } from './subject-keys.ts';

const dayForm = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?Z)?$/;

const epoch = z
  .strictObject({
    id: z
      .string()
      .regex(/^[a-z0-9]{1,16}$/)
      .describe('1 to 16 small letters and digits, such as e1'),
    key: z
      .string()
      .regex(/^[A-Za-z0-9+/]{43}=$/)
      .describe('32 bytes in base64')
      .optional(),
    from: z
      .string()
      .superRefine((text, context) => {
        if (dayForm.test(text) && !Number.isNaN(Date.parse(text))) return;
        const message = 'must be a day or a UTC time, such as 2026-07-01';
        complain(context, { code: 'wrong-format', message });
      })
      .describe('a day or a UTC time, such as 2026-07-01'),
    destroyed: z.boolean().default(false),
  })
  .superRefine(({ key, destroyed }, context) => {
    if ((key === undefined) === destroyed) return;
    const message = 'an epoch has a "key", or is `destroyed: true` and has none';
    complain(context, { code: 'conflict', message });
  });

const schema = z.strictObject({
  version: z.literal(1),
  epochs: z
    .array(epoch)
    .min(1)
    .max(100)
    .superRefine((list, context) => {
      for (const [at, { id }] of list.entries()) {
        if (list.findIndex((other) => other.id === id) === at) continue;
        const message = `epoch "${id}" stands here twice`;
        complain(context, { code: 'duplicate-name', message, path: [at, 'id'] });
      }
    }),
});

/** Name of the file that is made beside a log. */
export const generatedSubjectKeysName = 'subject-keys.yaml';

/** Throws ConfigError if the file is invalid, Error if no epoch that has a key has begun. */
export async function loadSubjectKeys(
  file: string,
  clock: () => number = Date.now,
): Promise<SubjectKeys> {
  const { epochs } = checkYaml(await readYaml(file, {}), schema);
  return new SubjectKeys(
    epochs.map(({ id, key, from }) => ({
      id,
      key: key === undefined ? undefined : Buffer.from(key, 'base64'),
      fromMs: Date.parse(from),
    })),
    clock,
  );
}

/**
 * The file for a log that was given none, made if it does not exist yet. `warn` tells the operator.
 */
export async function demoSubjectKeysFile(
  directory: string,
  warn: (message: string) => void,
): Promise<string> {
  const file = join(directory, generatedSubjectKeysName);
  warn(
    `the subject key of the audit log is kept beside it (${file}): whoever has both can tell whose records were seen. Set audit.subjectKeys outside of a demo`,
  );
  if ((await readIfThere(file)) === undefined) {
    const key = randomBytes(32).toString('base64');
    const text = `version: 1\nepochs:\n  - { id: e1, key: "${key}", from: 2000-01-01 }\n`;
    await writeFile(file, text, { mode: 0o600, flag: 'wx', flush: true });
  }
  return file;
}
