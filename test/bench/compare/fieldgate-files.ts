/** The configuration and policies that this gateway is measured with. */
import type { Site } from './site.ts';
import { paySdl, staffOpenApi } from './staff-schema.ts';

export interface Features {
  /** Tokens, access rules for some fields, rates; else everyone may do everything. */
  readonly isSecured: boolean;
  /** Share of traces sent to the collector. */
  readonly tracesRatio?: number;
  readonly audit?: boolean;
  readonly engine?: 'compiled' | 'reference';
}

const upstreams = ({ restUrl, payUrl }: Site): string => `
upstreams:
  staff:
    openapi: openapi.json
    url: ${restUrl}
    operations:
      Query.employees: GET /employees
      Query.employee: GET /employees/{id}
      Mutation.updateEmployee: PATCH /employees/{id}
    headers: { authorization: Bearer bench }
  pay:
    graphql: pay.graphql
    url: ${payUrl}
joins:
  Employee:
    key: id
    staff: { field: employee, argument: id }
    pay: { field: employeesById, argument: ids, batch: true }
`;

const tokens = `
identity:
  jwt:
    - { issuer: "https://idp.example.com", audience: bench, jwks: jwks.json, algorithms: [ES256] }
`;

const nobody = `
identity:
  jwt:
    - { issuer: "https://idp.example.com", audience: bench, jwks: jwks.json, algorithms: [ES256] }
  anonymous: allow
`;

const rules = `
version: 1
rules:
  - name: directory
    fields:
      Query: [employee, employees]
      Employee: [id, firstName, lastName, jobTitle, department, workEmail]
    allow: { scopes: [staff:read] }
  - name: pay
    class: pay
    fields: { Employee: [salary, currency, grade] }
    allow: { scopes: [staff:read] }
  - name: government-ids
    class: government-id
    fields: { Employee: [ssn] }
    allow: { scopes: [staff:ssn] }
    otherwise:
      - mask: last4
        allow: { scopes: [staff:read] }
  - name: birth-dates
    class: personal
    fields: { Employee: [dateOfBirth] }
    allow: { scopes: [staff:personal] }
    otherwise:
      - mask: year
        allow: { scopes: [staff:read] }
  - name: homes
    class: personal
    fields: { Employee: [homePhone, homeCity] }
    allow: { scopes: [staff:personal] }
  - name: changes
    fields: { Mutation: [updateEmployee], EmployeeUpdateInput: [jobTitle] }
    allow: { scopes: [staff:read] }
`;

const openRules = `
version: 1
rules:
  - name: everything
    fields:
      Query: [employee, employees]
      Employee: [id, firstName, lastName, jobTitle, department, workEmail, dateOfBirth, homePhone, homeCity, ssn, salary, currency, grade]
      Mutation: [updateEmployee]
      EmployeeUpdateInput: [jobTitle]
    allow: everyone
`;

/** So high that none is reached: what is measured is the counting. */
const rates = `
version: 1
rates:
  - { name: per-address, per: address, limit: 100000000, window: 1m }
  - { name: per-caller, per: caller, limit: 100000000, window: 1m }
  - { name: lookups, fields: { Query: [employee, employees] }, per: caller, limit: 100000000, window: 1m }
`;

/** A configuration and its files, by path; the admin port is the operating system's choice. */
export function fieldgateFiles(
  site: Site,
  features: Features,
  port: number,
): Record<string, string> {
  const { isSecured, tracesRatio, audit, engine } = features;
  const extra = [
    engine && `engine: ${engine}`,
    tracesRatio !== undefined &&
      `telemetry: { otlp: "${site.collectorUrl}", sampleRatio: ${tracesRatio} }`,
    audit && 'audit: { directory: audit, subjects: { Employee: id } }',
  ].filter((line) => typeof line === 'string');
  return {
    'gateway.yaml': `
version: 1
listen: { port: ${port} }
admin: { port: 0 }
${upstreams(site)}
${isSecured ? tokens : nobody}
introspection: nobody
${extra.join('\n')}
`,
    'jwks.json': site.jwks,
    'openapi.json': JSON.stringify(staffOpenApi),
    'pay.graphql': paySdl,
    'policies/access/staff.yaml': isSecured ? rules : openRules,
    'policies/limits/default.yaml': 'version: 1\nlimits: { inFlightPerCaller: 1000 }\n',
    ...(isSecured && { 'policies/rates/default.yaml': rates }),
  };
}
