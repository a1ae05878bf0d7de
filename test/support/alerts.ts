/** An alert, and a webhook's receiver on a real socket. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Alert } from '../../gateway/alert.ts';
import type { WebhookConfig } from '../../gateway/config/config-alerts.ts';

export const alertOf = (about: Partial<Alert> = {}): Alert => ({
  id: 'b7d2a1f0-0000-4000-8000-000000000001',
  detection: 'tokens-guessed',
  title: 'One address shows credentials that do not hold',
  severity: 'high',
  timeMs: 1_795_446_000_000,
  firstMs: 1_795_445_990_000,
  count: 20,
  threshold: 20,
  windowMs: 300_000,
  counted: 'requests',
  per: ['address'],
  key: '0123456789abcdef0123456789abcdef',
  crowded: false,
  heldBack: 0,
  requests: ['r-1'],
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  caller: 'ada',
  client: 'portal',
  address: '198.51.100.7',
  ...about,
});

export const signingSecret = `whsec_${Buffer.from('0123456789abcdef01234567').toString('base64')}`;

export const webhookOf = (url: string, about: Partial<WebhookConfig> = {}): WebhookConfig => ({
  name: 'soc',
  url,
  format: 'standard',
  secret: signingSecret,
  minSeverity: 'informational',
  include: [],
  privateNetwork: false,
  ...about,
});

export interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly received: Received[];
}

/** Answers as it is told, once the request is read. */
export async function startReceiver(
  answer: (response: ServerResponse, request: Received) => void = (response) => response.end(),
): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    response.on('error', () => undefined);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return;
    }
    const one = { headers: request.headers, body: Buffer.concat(chunks).toString('utf8') };
    received.push(one);
    answer(response, one);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
