/** Text in configuration and in the files of credentials: one line, without control characters. */
import { z } from 'zod';

export const word = z
  .string()
  .regex(/^[^\p{Cc}]{1,512}$/u)
  .describe('text of 1 to 512 characters');
