/** An OpenAPI document as the translation takes it: the words of version 3, no references. */
import type { PlainObject } from './plain-object.ts';

/** Nothing below `paths` is checked: it is looked at where it is read. */
export interface ApiDocument extends PlainObject {
  readonly paths: PlainObject;
}
