/**
 * Reports subtypes: a discriminator without alternatives means components that have the schema in
 * their allOf. The graph has the common part only, and the report names those whose properties are
 * missing.
 */
import { isSchema, type ObjectShape } from '../document/schema-shape.ts';
import type { TypeSpace } from './type-space.ts';

export function noteSubtypes({ source }: ObjectShape, space: TypeSpace): void {
  const { discriminator } = source;
  if (discriminator === undefined) return;
  const component = space.componentOf(source);
  const targets = typeof discriminator === 'string' ? undefined : discriminator.targets;
  const names = new Set<string>();
  for (const target of targets?.values() ?? []) names.add(space.componentOf(target) ?? 'a subtype');
  for (const name of space.extending(source)) names.add(name);
  if (component !== undefined) names.delete(component);
  if (names.size === 0 || !isSchema(source)) return;
  const about = component ?? 'an object';
  space.note(
    about,
    `only what is common: properties of ${[...names].sort().join(', ')} are dropped`,
  );
}
