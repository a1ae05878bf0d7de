/** Errors of the operating system, as they are said to operators. */

/** `ENOENT` and the like; for any other error its own text. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

/** Whether a file or folder is not there. */
export const isAbsent = (error: unknown): boolean => systemCode(error) === 'ENOENT';
