/** An OpenAPI document as the translation expects it: in terms of version 3, without references. */
import type { JsonObject } from '../../../json-value.ts';

/** Nothing below `paths` is validated: it is checked when it is read. */
export interface ApiDocument extends JsonObject {
  readonly paths: JsonObject;
}
