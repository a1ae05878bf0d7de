/**
 * Finds the manifests of trusted documents that a limits file names. Invalid YAML names none here:
 * loading reports the mistake.
 */
import { parseDocument } from 'yaml';

/** Paths as written, relative to the file. */
export function manifestsNamedIn(text: string): readonly string[] {
  if (!text.includes('manifest')) return [];
  const written: unknown = parseDocument(text, { logLevel: 'silent' }).toJS({ maxAliasCount: 0 });
  if (typeof written !== 'object' || written === null || !('manifest' in written)) return [];
  return [written.manifest].flat().filter((path) => typeof path === 'string');
}
