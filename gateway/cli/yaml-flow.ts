import { type Document, isCollection } from 'yaml';

/** Has the list or map at the path written on one line: `[a, b]`, `{ a: b }`. */
export function asFlow(document: Document, path: readonly (string | number)[]): void {
  const node = document.getIn(path, true);
  if (isCollection(node)) node.flow = true;
}
