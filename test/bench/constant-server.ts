/**
 * The cheapest node:http server there is: one answer to everything, after a while if asked to. A
 * bench's upstream, or what a bench compares with. Prints its port.
 * `node test/bench/constant-server.ts STATUS BODY [DELAY_MS]`
 */
import { createServer } from 'node:http';

const [status = '200', body = '', delayMs = '0'] = process.argv.slice(2);
const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };

const server = createServer((request, response) => {
  const answer = () => response.writeHead(Number(status), headers).end(body);
  request.resume();
  if (delayMs === '0') answer();
  else setTimeout(answer, Number(delayMs));
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address !== 'string') process.stdout.write(`${address.port}\n`);
});
