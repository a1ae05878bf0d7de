/**
 * The text that the demo prints once it is ready: its URLs, and per caller a command that prints the
 * header line for GraphiQL, and a curl line. All send the same query, so that the answers show what
 * each may see. One further line guesses a password six times, and the sixth is refused; another
 * changes two jobs, one of which the manager may not change.
 */
import type { DemoToken } from './demo-tokens.ts';

const demoQuery =
  '{ employees(limit: 2) { firstName lastName jobTitle ssn bankAccounts { iban primary } } }';

const signInQuery =
  'mutation { signIn(input: { email: "ada@example.test", password: "a guess" }) { displayName } }';

/** One employee reports to the manager, the other does not. */
const jobsQuery =
  'mutation { a: updateEmployee(id: "1015", input: { jobTitle: "Lead" }) { jobTitle } b: updateEmployee(id: "1005", input: { jobTitle: "Lead" }) { jobTitle } }';

export function demoBanner(about: {
  endpoint: string;
  adminUrl: string;
  directory: string;
  tokens: readonly DemoToken[];
}): string {
  return [
    '',
    'Fieldgate demo: one graph over REST APIs (hris, accounts) and a GraphQL API (payroll)',
    '',
    `  endpoint  ${about.endpoint}`,
    `  GraphiQL  ${about.endpoint} in a browser; its Headers tab takes what a header command below prints`,
    `  console   ${about.adminUrl}/console/ in a browser: what is decided, and why`,
    `  admin     ${about.adminUrl}/ready, ${about.adminUrl}/metrics`,
    `  keys      ${about.directory}: new at every start; the tokens last eight hours`,
    '',
    ...about.tokens.flatMap((token) => tokenLines(token, about.endpoint)),
    ...guessLines(about.tokens, about.endpoint),
    ...jobLines(about.tokens, about.endpoint),
    ...whoSawLines(about.directory),
    'Ctrl-C stops it. What the services are asked for appears below.',
    '',
    '',
  ].join('\n');
}

function tokenLines(caller: DemoToken, endpoint: string): string[] {
  const { name, about, scopes, roles, employeeId, file } = caller;
  const is = employeeId === undefined ? '' : `, employee ${employeeId}`;
  const has = roles === undefined ? '' : `; roles ${roles.join(' ')}${is}`;
  return [
    `${name}: ${about}`,
    `  scopes    ${scopes.join(' ')}${has}`,
    `  header    printf '{"authorization": "Bearer %s"}\\n' "${contentOf(file)}"`,
    `  try       ${curlLine(endpoint, file)}`,
    '',
  ];
}

/** Queries the audit log while the demo runs. */
function whoSawLines(directory: string): string[] {
  return [
    'who saw whose SSN: employee 1001',
    `  try       FIELDGATE_AUDIT_DIR=${directory}/audit npx fieldgate audit who-saw Employee 1001 --field ssn`,
    '',
  ];
}

/** Six guesses in a row, by the first caller who may sign in users. */
function guessLines(tokens: readonly DemoToken[], endpoint: string): string[] {
  const guesser = tokens.find(({ scopes }) => scopes.includes('accounts:sign-in'));
  if (guesser === undefined) return [];
  const line = curlLine(endpoint, guesser.file, signInQuery);
  return [
    'guessing a password: five tries reach the accounts service, the sixth is refused (429)',
    `  try       for n in 1 2 3 4 5 6; do ${line} -w ' %{http_code}\\n'; done`,
    '',
  ];
}

/** Two job changes by the manager: each employee is read right before. */
function jobLines(tokens: readonly DemoToken[], endpoint: string): string[] {
  const manager = tokens.find(({ roles = [] }) => roles.includes('manager'));
  if (manager === undefined) return [];
  return [
    'changing jobs: of who reports to the manager, and of who does not, which is refused',
    `  try       ${curlLine(endpoint, manager.file, jobsQuery)}`,
    '',
  ];
}

/** A command for a POSIX shell that reads the token from its file. */
function curlLine(endpoint: string, tokenFile: string, query = demoQuery): string {
  const body = JSON.stringify({ query });
  return `curl -s ${endpoint} -H "authorization: Bearer ${contentOf(tokenFile)}" -H 'content-type: application/json' -d '${body}'`;
}

/** The shell expression that expands to the content of a file. */
function contentOf(file: string): string {
  const quoted = /^[\w./-]+$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`;
  return `$(cat ${quoted})`;
}
