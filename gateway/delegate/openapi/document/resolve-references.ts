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
import { isContainer, isJsonObject, type JsonObject } from '../../../json-value.ts';
import {
  childKeys,
  isPointer,
  isReference,
  mappingOf,
  maps,
  type Reference,
  toFileUrl,
} from './references.ts';

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
  const first = files.get(root);
  if (isContainer(first)) new Resolver(files).resolve(first, root);
  return first;
}

class Resolver {
  readonly #files: ReadonlyMap<string, unknown>;
  readonly #resolved = new Map<Reference, Located>();
  /** URL of the file of a reference's target, by the node now in the reference's place. */
  readonly #homes = new WeakMap<object, string>();
  readonly #seen = new Set<object>();
  readonly #pending: Pending[] = [];

  constructor(files: ReadonlyMap<string, unknown>) {
    this.#files = files;
  }

  resolve(node: object, base: string): void {
    this.#push({ node, isMap: false, base });
    for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop()) {
      this.#visit(next);
    }
  }

  #push(entry: Pending): void {
    if (this.#seen.has(entry.node)) return;
    this.#seen.add(entry.node);
    this.#pending.push(entry);
  }

  #visit({ node, isMap, base, beside }: Pending): void {
    if (!isMap) this.#locateMapping(node, base);
    for (const key of childKeys(node, isMap)) {
      const child: unknown = Reflect.get(node, key);
      if (!isContainer(child)) continue;
      const own = beside?.keys.has(key) === true ? beside.base : base;
      this.#visitChild(node, key, { child, isMap: !isMap && maps.has(key), base: own });
    }
  }

  #visitChild(
    node: object,
    key: string,
    { child, isMap, base }: { child: object; isMap: boolean; base: string },
  ): void {
    const found = isReference(child) ? this.#follow(child, base, []) : { node: child, base };
    if (found.node !== child) setOwn(node, key, found.node);
    if (!isContainer(found.node) || isReference(found.node)) return;
    this.#push({ node: found.node, isMap, base: found.base });
  }

  #locateMapping(node: object, base: string): void {
    const mapping = mappingOf(node);
    if (mapping.length === 0) return;
    const { discriminator } = node as { discriminator: JsonObject };
    const targets = new Map<string, unknown>();
    for (const [value, text] of mapping) {
      const named = `#/components/schemas/${text.replaceAll('~', '~0')}`;
      const found = this.#locate(isPointer(text) ? text : named, base, []);
      // A missing target is reported where the schema is read.
      if (found !== undefined) targets.set(value, found.node);
    }
    setOwn(node, 'discriminator', { ...discriminator, targets });
  }

  #follow(reference: Reference, base: string, above: readonly Reference[]): Located {
    const known = this.#resolved.get(reference);
    if (known !== undefined) return known;
    if (above.includes(reference)) return { node: reference, base };
    const target = this.#locate(reference.$ref, base, [...above, reference]);
    const found =
      target === undefined
        ? { node: reference, base }
        : this.#withSiblings(reference, target, base);
    this.#resolved.set(reference, found);
    return found;
  }

  #withSiblings(reference: Reference, target: Located, base: string): Located {
    const { $ref: _, ...siblings } = reference;
    const keys = new Set(Object.keys(siblings));
    if (!isJsonObject(target.node) || isReference(target.node)) return target;
    if (keys.size === 0) {
      this.#homes.set(target.node, target.base);
      return target;
    }
    const node = { ...target.node, ...siblings };
    this.#homes.set(node, target.base);
    this.#push({ node, isMap: false, base: target.base, beside: { keys, base } });
    return { node, base: target.base };
  }

  /** The target of a reference's text, if any; steps may lead through other references. */
  #locate(text: string, base: string, above: readonly Reference[]): Located | undefined {
    const [file = '', pointer = ''] = text.split('#', 2);
    const url = file === '' ? base : toFileUrl(file, base);
    const steps = toSteps(pointer);
    if (steps === undefined) return undefined;
    let found: Located = { node: this.#files.get(url), base: url };
    for (const step of steps) {
      const node = ownOf(found.node, step);
      if (node === undefined) return undefined;
      const home = isContainer(node) ? this.#homes.get(node) : undefined;
      found = { node, base: home ?? found.base };
      if (isReference(found.node)) found = this.#follow(found.node, found.base, above);
    }
    if (isReference(found.node)) return this.#follow(found.node, found.base, above);
    return found.node === undefined ? undefined : found;
  }
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
