/** The documents of others that these tests read: beside the project's folder, not in it. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const beside = (path: string): string =>
  fileURLToPath(new URL(`../../../shared/${path}`, import.meta.url));

/** The HRIS API of Apideck. */
export const apideck = beside('openapi/apideck-hris.yml');
/** The compiled schema of OCSF 1.8.0. */
export const ocsfSchema = beside('ocsf/ocsf-1.8.0.json');
/** Takes a compiled schema and a file of events; ends with 1 where one of these is wrong. */
export const ocsfValidator = beside('ocsf/validate.py');

/** Asked before any test: what is missing must not look like a fault, and not like a pass. */
export default function refuseMissing(): void {
  const missing = [apideck, ocsfSchema, ocsfValidator].filter((file) => !existsSync(file));
  if (missing.length === 0) return;
  const list = missing.map((file) => `\n  ${file}`).join('');
  throw new Error(`test:corpus needs files that are not in this repository. Missing:${list}`);
}
