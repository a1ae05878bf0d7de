/** The part of gateway.yaml about the addresses on which the gateway listens. */
import { z } from 'zod';
import { isUnspecified, parseAddress } from '../addresses/ip-address.ts';
import { isLoopbackHost, toLiteral } from '../addresses/outbound-address.ts';
import { complain } from '../files/yaml-complaint.ts';

const host = z
  .string()
  .regex(/^(?:[A-Za-z0-9.-]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)$/)
  .describe('a host name or an IP address, IPv6 without brackets');

/** A host name that requests may name; ports are ignored, so one with a port would never match. */
const ownHost = host.superRefine((text, context) => {
  if (!/^[\dA-Fa-f.]*:[\dA-Fa-f:.]*$/.test(text) || parseAddress(text) !== undefined) return;
  const message = 'must be a host name or an IP address, without a port: it is answered at any';
  complain(context, { code: 'wrong-format', message });
});

const port = z.int().min(0).max(65_535).describe('a port, 0 to 65535');

/** A path on disk, relative to the file that names it. */
export const filePath = z
  .string()
  .regex(/^(?!\s)[^\p{Cc}]+(?<!\s)$/u)
  .describe('a file path without blanks around it');

const origin = z
  .string()
  .superRefine((text, context) => {
    if (/^https?:[^*]+$/.test(text) && URL.parse(text)?.origin === text) return;
    const message = 'must be one exact origin, such as https://app.example.com: no *, path or null';
    complain(context, { code: 'wrong-format', message });
  })
  .describe('an exact origin, such as https://app.example.com');

const tls = z.strictObject({ cert: filePath, key: filePath, clientCa: filePath.optional() });
const cors = z.strictObject({ origins: z.array(origin).max(100) });

export const listenSchema = z.strictObject({
  host: host.default('127.0.0.1'),
  port: port.default(4000),
  path: z
    .string()
    .regex(/^\/[\w.~/-]*$/)
    .describe('a path that starts with /, such as /graphql')
    .default('/graphql'),
  hosts: z.array(ownHost).min(1).max(100).optional(),
  tls: tls.optional(),
  cors: cors.optional(),
});

export const adminSchema = z
  .strictObject({
    host: host.default('127.0.0.1'),
    port: port.default(4001),
    console: z
      .boolean()
      .describe('whether the admin port shows the console; true where `host` is a loopback address')
      .optional(),
  })
  .superRefine((admin, context) => {
    if (admin.console !== true || mayBeLoopback(admin.host)) return;
    const message = `the console answers loopback alone, and nobody comes to ${admin.host} from there: "host" must be 0.0.0.0, :: or a loopback address`;
    complain(context, { code: 'conflict', message, path: ['console'] });
  });

/** Host names may also resolve to a loopback address. */
function mayBeLoopback(name: string): boolean {
  const address = toLiteral(name);
  return address === undefined || isUnspecified(address) || isLoopbackHost(name);
}
