/** Mercurius, which takes subgraphs as federation 1 writes them. `node mercurius/mercurius-gateway.ts PORT` */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import mercurius from '@mercuriusjs/gateway';
import Fastify from 'fastify';

const sdl = (name: string): string =>
  readFileSync(join(process.env.BENCH_SUPERGRAPHS ?? '', name), 'utf8')
    .replace(/^extend schema.*$/m, '')
    .replace('type Query', 'extend type Query')
    .replace('type Mutation', 'extend type Mutation');

const app = Fastify();
await app.register(mercurius, {
  jit: 1,
  gateway: {
    services: [
      {
        name: 'staff',
        url: process.env.BENCH_STAFF_URL,
        schema: sdl('staff-federated.graphql'),
        keepAlive: 60_000,
      },
      {
        name: 'pay',
        url: process.env.BENCH_PAY_URL,
        schema: sdl('pay-federated.graphql')
          .replace('type Employee', 'extend type Employee')
          .replace('id: ID! salary', 'id: ID! @external salary'),
        keepAlive: 60_000,
      },
    ],
  },
});
await app.listen({ host: '127.0.0.1', port: Number(process.argv[2]) });
