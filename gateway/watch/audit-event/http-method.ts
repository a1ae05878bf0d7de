/** The method is the caller's text, so only known ones are written to events. */
const methods = new Set(['GET', 'POST', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** The method as events say it. */
export const toMethod = (method: string): string => (methods.has(method) ? method : 'OTHER');
