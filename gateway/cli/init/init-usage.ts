/** Arguments of `init`; a file of its own, so that the list of commands loads nothing else. */
export const initUsage: readonly string[] = [
  'init NAME=OPENAPI[,URL] …         an OpenAPI document: a file, or an https URL',
  'init NAME=FILE.graphql,URL …      SDL; a file that is not there is asked for at URL',
];
