/** The refusal of an invalid document, for checks that graphql-js does not make. */
import { Refusal } from '../decision.ts';
import { publicFaces } from '../errors.ts';

/** `message` reaches the caller: it may hold names, but no literal of the document. */
export function invalid(message: string): Refusal {
  const { code } = publicFaces['limits/invalid'];
  return new Refusal('limits/invalid', { errors: [{ message, extensions: { code } }] });
}
