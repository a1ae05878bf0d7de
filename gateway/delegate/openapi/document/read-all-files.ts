/** Reads an OpenAPI document's file and all that its references lead to. Bounded in their number. */
import { childKeys, isPointer, isReference, mappingOf, maps, toFileUrl } from './references.ts';

const filesMax = 5_000;

/** All files reachable from `root`, parsed, by URL. */
export async function readAllFiles(
  root: string,
  read: (url: string) => Promise<unknown>,
): Promise<Map<string, unknown>> {
  const files = new Map<string, unknown>();
  const wanted = [root];
  for (const url of wanted) {
    if (files.has(url)) continue;
    if (files.size >= filesMax) throw new Error(`it refers to more than ${filesMax} files`);
    const file = await read(url);
    files.set(url, file);
    for (const reference of findReferences(file)) {
      if (!reference.startsWith('#')) wanted.push(toFileUrl(reference, url));
    }
  }
  return files;
}

function findReferences(file: unknown): string[] {
  const found: string[] = [];
  const seen = new Set<unknown>();
  const pending = [{ node: file, isMap: false }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node, isMap } = next;
    if (typeof node !== 'object' || node === null || seen.has(node)) continue;
    seen.add(node);
    if (isReference(node)) found.push(node.$ref);
    found.push(
      ...mappingOf(node)
        .map(([, reference]) => reference)
        .filter(isPointer),
    );
    for (const key of childKeys(node, isMap)) {
      pending.push({ node: Reflect.get(node, key), isMap: !isMap && maps.has(key) });
    }
  }
  return found;
}
