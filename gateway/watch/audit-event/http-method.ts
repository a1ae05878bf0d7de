/** A method is a text of the caller's; the known ones are not. */
const known = new Set(['GET', 'POST', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** As events say it. */
export const toMethod = (method: string): string => (known.has(method) ? method : 'OTHER');
