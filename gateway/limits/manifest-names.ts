/**
 * Which manifests of trusted documents a file of limits names. What is no YAML names none here:
 * loading says what is wrong with it.
 */
import { parseDocument } from 'yaml';

/** Paths as written, relative to the file. */
export function manifestsNamedIn(text: string): readonly string[] {
  if (!text.includes('manifest')) return [];
  const written: unknown = parseDocument(text, { logLevel: 'silent' }).toJS({ maxAliasCount: 0 });
  if (typeof written !== 'object' || written === null || !('manifest' in written)) return [];
  return [written.manifest].flat().filter((path) => typeof path === 'string');
}
