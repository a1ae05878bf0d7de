/** Hive Gateway; with BENCH_SECURED a token, a rate, a depth and traces as its documentation has them. */
import { join } from 'node:path';
import { createRemoteJwksSigningKeyProvider, defineConfig } from '@graphql-hive/gateway';
import { openTelemetrySetup } from '@graphql-hive/plugin-opentelemetry/setup';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';

const { BENCH_SUPERGRAPHS = '', BENCH_SECURED, BENCH_JWKS_URL = '' } = process.env;
const isSecured = BENCH_SECURED === 'yes';

if (isSecured) {
  openTelemetrySetup({
    contextManager: new AsyncLocalStorageContextManager(),
    traces: {
      exporter: new OTLPTraceExporter({ url: `${process.env.BENCH_COLLECTOR_URL}v1/traces` }),
    },
    samplingRate: 0.01,
  });
}

const limited = (field: string) => ({
  type: 'Query',
  field,
  max: 100_000_000,
  ttl: 60_000,
  identifier: '{context.jwt.payload.sub}',
});

const security = {
  jwt: {
    signingKeyProviders: [createRemoteJwksSigningKeyProvider({ jwksUri: BENCH_JWKS_URL })],
    tokenVerification: {
      issuer: 'https://idp.example.com',
      audience: 'bench',
      algorithms: ['ES256'],
    },
    reject: { missingToken: true, invalidToken: true },
  },
  rateLimiting: [limited('employee'), limited('employees')],
  maxDepth: 10,
  openTelemetry: { traces: true },
};

export const gatewayConfig = defineConfig({
  supergraph: join(BENCH_SUPERGRAPHS, 'hive.graphql'),
  logging: 'warn',
  ...(isSecured && security),
});
