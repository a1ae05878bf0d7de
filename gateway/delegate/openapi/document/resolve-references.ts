/**
 * Replaces references by their targets, within one document and across its files. In place and
 * without copies: a document of 15 MB stays one, and a schema referred to a thousand times stays
 * one object, whose identity makes it one type.
 *
 * A reference with siblings (`{ $ref, description }`) becomes a shallow copy that shares the parts
 * of its target. A schema may contain itself. A reference that leads only to references, or
 * nowhere, stays a reference: what contains it is reported, and the rest of the document remains
 * usable.
 */
import { isPlainObject, type PlainObject } from './plain-object.ts';

/** Objects whose keys are names in the document, not keywords of OpenAPI. */
const maps = new Set(
  [
    'properties patternProperties dependentSchemas $defs definitions schemas responses headers',
    'parameters requestBodies callbacks content encoding links paths webhooks pathItems',
    'securitySchemes',
  ]
    .join(' ')
    .split(' '),
);
/** Values, not schemas: a `$ref` in one is data. */
const values = new Set(['example', 'examples', 'default', 'enum', 'const', 'mapping']);

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

function toFileUrl(reference: string, base: string): string {
  const url = URL.parse(reference, base);
  if (url === null) throw new Error(`the reference ${reference} is no reference`);
  url.hash = '';
  return url.href;
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

interface Reference extends PlainObject {
  readonly $ref: string;
}

function isReference(node: unknown): node is Reference {
  return isPlainObject(node) && typeof node.$ref === 'string';
}

function* childKeys(node: object, isMap: boolean): Generator<string> {
  for (const key of Object.keys(node)) {
    if (isMap || Array.isArray(node) || !(values.has(key) || key.startsWith('x-'))) yield key;
  }
}

/** The `mapping` of a schema's discriminator: values on the wire, and their schemas. */
function mappingOf(node: object): [string, string][] {
  const { discriminator } = node as PlainObject;
  if (!isPlainObject(discriminator) || typeof discriminator.propertyName !== 'string') return [];
  const { mapping } = discriminator;
  if (!isPlainObject(mapping)) return [];
  return Object.entries(mapping).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
}

/** Other values of a mapping are names of components. */
function isPointer(text: string): boolean {
  return /[#/]|\.(?:ya?ml|json)$/i.test(text);
}

interface Located {
  readonly node: unknown;
  /** URL of the containing file. */
  readonly base: string;
}

interface Pending {
  readonly node: object;
  readonly isMap: boolean;
  readonly base: string;
  /** Keys from beside a reference, which are relative to another file. */
  readonly beside?: { readonly keys: ReadonlySet<string>; readonly base: string };
}

/** The root file with every reference replaced; modifies the files. */
export function resolveReferences(root: string, files: ReadonlyMap<string, unknown>): unknown {
  const resolved = new Map<Reference, Located>();
  const homes = new WeakMap<object, string>();
  const seen = new Set<object>();
  const pending: Pending[] = [];

  const push = (entry: Pending): void => {
    if (seen.has(entry.node)) return;
    seen.add(entry.node);
    pending.push(entry);
  };

  function follow(reference: Reference, base: string, above: readonly Reference[]): Located {
    const known = resolved.get(reference);
    if (known !== undefined) return known;
    if (above.includes(reference)) return { node: reference, base };
    const target = locate(reference.$ref, base, [...above, reference]);
    const found =
      target === undefined ? { node: reference, base } : withSiblings(reference, target, base);
    resolved.set(reference, found);
    return found;
  }

  function withSiblings(reference: Reference, target: Located, base: string): Located {
    const { $ref: _, ...siblings } = reference;
    const keys = new Set(Object.keys(siblings));
    if (!isPlainObject(target.node) || isReference(target.node)) return target;
    if (keys.size === 0) {
      homes.set(target.node, target.base);
      return target;
    }
    const node = { ...target.node, ...siblings };
    homes.set(node, target.base);
    push({ node, isMap: false, base: target.base, beside: { keys, base } });
    return { node, base: target.base };
  }

  /** The target of a reference's text, if any; steps may lead through other references. */
  function locate(text: string, base: string, above: readonly Reference[]): Located | undefined {
    const [file = '', pointer = ''] = text.split('#', 2);
    const url = file === '' ? base : toFileUrl(file, base);
    const steps = toSteps(pointer);
    if (steps === undefined) return undefined;
    let found: Located = { node: files.get(url), base: url };
    for (const step of steps) {
      const node = ownOf(found.node, step);
      if (node === undefined) return undefined;
      const home = isContainer(node) ? homes.get(node) : undefined;
      found = { node, base: home ?? found.base };
      if (isReference(found.node)) found = follow(found.node, found.base, above);
    }
    if (isReference(found.node)) return follow(found.node, found.base, above);
    return found.node === undefined ? undefined : found;
  }

  function visit({ node, isMap, base, beside }: Pending): void {
    if (!isMap) locateMapping(node, base);
    for (const key of childKeys(node, isMap)) {
      const child: unknown = Reflect.get(node, key);
      if (!isContainer(child)) continue;
      const own = beside?.keys.has(key) === true ? beside.base : base;
      visitChild(node, key, { child, isMap: !isMap && maps.has(key), base: own });
    }
  }

  function visitChild(
    node: object,
    key: string,
    { child, isMap, base }: { child: object; isMap: boolean; base: string },
  ): void {
    const found = isReference(child) ? follow(child, base, []) : { node: child, base };
    if (found.node !== child) setOwn(node, key, found.node);
    if (!isContainer(found.node) || isReference(found.node)) return;
    push({ node: found.node, isMap, base: found.base });
  }

  function locateMapping(node: object, base: string): void {
    const mapping = mappingOf(node);
    if (mapping.length === 0) return;
    const { discriminator } = node as { discriminator: PlainObject };
    const targets = new Map<string, unknown>();
    for (const [value, text] of mapping) {
      const named = `#/components/schemas/${text.replaceAll('~', '~0')}`;
      const found = locate(isPointer(text) ? text : named, base, []);
      // A missing target is reported where the schema is read.
      if (found !== undefined) targets.set(value, found.node);
    }
    setOwn(node, 'discriminator', { ...discriminator, targets });
  }

  const first = files.get(root);
  if (isContainer(first)) push({ node: first, isMap: false, base: root });
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) visit(next);
  return first;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function ownOf(node: unknown, key: string): unknown {
  return isContainer(node) && Object.hasOwn(node, key) ? Reflect.get(node, key) : undefined;
}

/** Defined, because assigning to a key called `__proto__` would set the prototype. */
function setOwn(node: object, key: string, value: unknown): void {
  Object.defineProperty(node, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

/** Undefined if the text is no JSON pointer, such as an anchor. */
function toSteps(pointer: string): string[] | undefined {
  const [start, ...steps] = pointer.split('/');
  if (start !== '') return undefined;
  return steps.map((step) => decode(step).replaceAll('~1', '/').replaceAll('~0', '~'));
}

function decode(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}

/** The problem with a node that is still a reference. */
export function lostReferenceIn(node: unknown): string | undefined {
  return isReference(node) ? toLostReference(node.$ref) : undefined;
}

export function toLostReference(text: string): string {
  return `the reference ${text} leads nowhere, or to itself`;
}
