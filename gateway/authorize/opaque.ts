/**
 * Scalars that hold structures: what is in them has no coordinates, so no rule can look inside.
 * Nothing but their own name opens a place that holds one.
 */

export function isOpaqueName(scalar: string): boolean {
  return /json|^(any|object|map|unknown)$/i.test(scalar);
}
