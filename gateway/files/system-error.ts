/** Operating system errors, as shown to operators. */

/** The error code, such as `ENOENT`; for any other error its text. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

/** Whether the error says that a file or folder does not exist. */
export const isAbsent = (error: unknown): boolean => systemCode(error) === 'ENOENT';
