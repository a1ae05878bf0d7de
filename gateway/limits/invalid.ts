/** The refusal of a document that is not valid, for what graphql-js is not asked about. */
import { Refusal } from '../decision.ts';
import { publicFaces } from '../errors.ts';

/** `message` reaches the caller: names alone, no literal of the document. */
export function invalid(message: string): Refusal {
  const { code } = publicFaces['limits/invalid'];
  return new Refusal('limits/invalid', { errors: [{ message, extensions: { code } }] });
}
