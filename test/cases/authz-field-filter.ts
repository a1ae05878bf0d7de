// biome-ignore-all lint/security/noSecrets: response paths look random and are none
/**
 * Field-level authorisation cases: schema, requirements, caller, operation, and the leaves that
 * may carry data. The whole upstream is open to everyone; each requirement is a `require`.
 *
 * Facts (structure and outcomes, no text) from graphql-hive/router, commit 8cfc57d3,
 * bin/router/src/pipeline/authorization/tests.rs; MIT licence, The Guild. Names are our own.
 *
 * A requirement reads `a+b | c`: scopes a and b, or c; `authenticated`; `&` joins several.
 */
export interface FilterCase {
  readonly id: string;
  readonly operation: string;
  /** Scopes, space-separated; '' is an authenticated caller without any. */
  readonly as: 'anonymous' | (string & {});
  /** Response leaves with data where the outcome is judged exactly. */
  readonly kept: readonly string[];
  /** Set where the outcome is not exact: leaves that may carry data or not. */
  readonly either?: readonly string[];
}

export interface FilterCases {
  readonly schema: string;
  readonly requires: Readonly<Record<string, string>>;
  readonly cases: readonly FilterCase[];
}

/** A denied root field of a mutation refuses the whole operation here, before anything runs. */
export const refusedMutationRoots: readonly string[] = [
  'hive-removes_unauthorized-removes_specific_mutation_field_keeps_others-1',
  'hive-removes_unauthorized-removes_multiple_unauthorized_mutation_fields-1',
  'hive-mixed_authorization-allows_some_mutations_removes_others-1',
  'hive-with_variables-removes_unused_variables_in_mutation-1',
  'hive-return_type_authorization-allows_authorized_mutation_removes_unauthorized_return_fields-1',
];

/** A requirement on an interface covers its implementations here, and it is not met. */
export const unmetInterfaceRequirements: readonly string[] = [
  'hive-removes_unauthorized-removes_field_without_required_scope-1',
  'hive-removes_unauthorized-removes_field_with_alias_when_unauthorized-1',
  'hive-removes_unauthorized-removes_scalar_field_with_required_scopes-1',
  'hive-removes_unauthorized-removes_array_field_when_item_type_unauthorized-1',
  'hive-inline_fragments-removes_inline_fragment_on_unauthorized_type-1',
  'hive-named_fragments-removes_unauthorized_fields_from_named_fragment-1',
  'hive-named_fragments-removes_entire_named_fragment_when_type_unauthorized-1',
];

/**
 * Not a valid document: `$name` is never used. Whole, it is refused by validation; parity is
 * judged without the declaration.
 */
export const withUnusedVariable: Readonly<Record<string, string>> = {
  'hive-with_variables-removes_unused_variables_when_authenticated_field_removed-1':
    '{ homeAddress { id } ssn { phone } }',
};

// biome-ignore format: one case per line reads as a table
export const filterCases: readonly FilterCases[] = [
  {
    schema: `
      type Query { homeAddress: [Payslip!] legalName: Dependent salary(arg1: ID!): Employee }
      interface Employee { id: ID! }
      type Payslip implements Employee { id: ID! routingNumber: String accountNumber: String birthDate: Dependent jobTitle(arg2: Int = 5): [Employment!] hireDate: BankAccount }
      scalar BankAccount
      type Employment { id: ID! accountNumber: String birthDate: Dependent }
      type Dependent implements Employee { id: ID! ssn: String phone: String }`,
    requires: {'Query.legalName': 'hr:read', Employee: 'pay:read', BankAccount: 'pii:read+bank:read', Employment: 'hr:write', Dependent: 'pay:read', 'Dependent.ssn': 'tax:read'},
    cases: [
      {id: 'hive-removes_unauthorized-removes_field_without_required_scope-1', operation: '{ homeAddress { routingNumber } legalName { ssn } }', as: 'anonymous', kept: ['query/homeAddress<Payslip>/routingNumber']},
      {id: 'hive-removes_unauthorized-removes_field_with_alias_when_unauthorized-1', operation: '{ homeAddress { routingNumber } alias1: legalName { ssn } }', as: 'anonymous', kept: ['query/homeAddress<Payslip>/routingNumber']},
      {id: 'hive-removes_unauthorized-removes_scalar_field_with_required_scopes-1', operation: '{ homeAddress { routingNumber hireDate } }', as: 'anonymous', kept: ['query/homeAddress<Payslip>/routingNumber']},
      {id: 'hive-removes_unauthorized-removes_array_field_when_item_type_unauthorized-1', operation: '{ homeAddress { routingNumber jobTitle { accountNumber birthDate { ssn } } } }', as: 'anonymous', kept: ['query/homeAddress<Payslip>/routingNumber']},
    ],
  },
  {
    schema: `
      type Query { legalName(arg1: ID!): Employee! }
      interface Employee { id: ID }
      type Payslip implements Employee { id: ID ssn: Int }
      type BankAccount implements Employee { id: ID homeAddress: Int }`,
    requires: {Employee: 'hr:read+pay:read | hr:read+pii:read | bank:read+pay:read | bank:read+pii:read', Payslip: 'hr:read | bank:read', BankAccount: 'pay:read | pii:read'},
    cases: [
      {id: 'hive-interfaces-removes_interface_field_without_scopes-1', operation: 'query ($id: ID!) { legalName(arg1: $id) { id } }', as: 'anonymous', kept: []},
      {id: 'hive-interfaces-removes_interface_field_with_partial_scopes-1', operation: 'query ($id: ID!) { legalName(arg1: $id) { id } }', as: 'hr:read', kept: []},
      {id: 'hive-interfaces-allows_interface_field_with_required_scopes-1', operation: 'query ($id: ID!) { legalName(arg1: $id) { id } }', as: 'hr:read pay:read', kept: ['query/legalName<BankAccount>/id', 'query/legalName<Payslip>/id']},
      {id: 'hive-interfaces-disallows_typename_on_unauthorized_interface-1', operation: 'query ($id: ID!) { legalName(arg1: $id) { __typename } }', as: 'anonymous', kept: []},
      {id: 'hive-interfaces-removes_implementing_types_without_combined_scopes-1', operation: 'query ($id: ID!) { legalName(arg1: $id) { ... on BankAccount { id } ... on Payslip { id } } }', as: 'anonymous', kept: []},
      {id: 'hive-interfaces-removes_implementing_types_with_partial_combined_scopes-1', operation: 'query ($id: ID!) { legalName(arg1: $id) { ... on BankAccount { id } ... on Payslip { id } } }', as: 'hr:read', kept: []},
      {id: 'hive-interfaces-removes_implementing_types_with_partial_combined_scopes-2', operation: 'query ($id: ID!) { legalName(arg1: $id) { ... on BankAccount { id } ... on Payslip { id } } }', as: 'hr:read bank:read', kept: []},
      {id: 'hive-interfaces-allows_implementing_types_with_required_combined_scopes-1', operation: 'query ($id: ID!) { legalName(arg1: $id) { ... on BankAccount { id } ... on Payslip { id } } }', as: 'hr:read pay:read', kept: ['query/legalName<BankAccount>/id', 'query/legalName<Payslip>/id']},
    ],
  },
  {
    schema: `
      type Query { ssn(arg1: ID!): Employee }
      interface Employee { id: ID! legalName: String! }
      type Payslip implements Employee { id: ID! legalName: String! }
      type BankAccount implements Employee { id: ID! legalName: String! homeAddress: String }`,
    requires: {Employee: 'hr:read', 'Employee.legalName': 'pay:read', BankAccount: 'hr:read', 'BankAccount.legalName': 'pay:read'},
    cases: [
      {id: 'hive-interfaces-removes_interface_typename_in_fragment_without_scopes-1', operation: '{ ssn(arg1: "1") { ... on Payslip { __typename legalName } } }', as: 'pii:read', kept: []},
      {id: 'hive-interfaces-removes_interface_typename_without_scopes-1', operation: '{ ssn(arg1: "1") { __typename ... on Payslip { __typename legalName } } }', as: 'anonymous', kept: []},
      {id: 'hive-interfaces-removes_interface_field_without_field_scopes-1', operation: '{ ssn(arg1: "1") { legalName } }', as: 'anonymous', kept: []},
      {id: 'hive-interfaces-removes_interface_field_with_type_scope_but_not_field_scope-1', operation: '{ ssn(arg1: "1") { legalName } }', as: 'hr:read', kept: [], either: ['query/ssn<Payslip>/legalName']},
      {id: 'hive-interfaces-allows_interface_field_with_all_required_scopes-1', operation: '{ ssn(arg1: "1") { legalName } }', as: 'hr:read pay:read', kept: ['query/ssn<BankAccount>/legalName', 'query/ssn<Payslip>/legalName']},
    ],
  },
  {
    schema: `
      type Query { legalName: Employee! }
      union Employee = Payslip | BankAccount
      type Payslip { ssn: String }
      type BankAccount { ssn: String }`,
    requires: {Payslip: 'hr:read+pay:read', BankAccount: 'pii:read+bank:read'},
    cases: [
      {id: 'hive-unions-allows_bare_typename_on_a_union_field_regardless_of_member_scopes-1', operation: '{ legalName { __typename } }', as: 'anonymous', kept: ['query/legalName<BankAccount>/__typename', 'query/legalName<Payslip>/__typename'], either: ['query/legalName<BankAccount>/__typename', 'query/legalName<Payslip>/__typename']},
      {id: 'hive-unions-removes_all_unauthorized_union_member_fragments-1', operation: '{ legalName { ... on Payslip { ssn } ... on BankAccount { ssn } } }', as: 'anonymous', kept: []},
      {id: 'hive-unions-shared_field_name_across_union_members_is_authorized_independently-1', operation: '{ legalName { ... on Payslip { ssn } ... on BankAccount { ssn } } }', as: 'hr:read pay:read', kept: ['query/legalName<Payslip>/ssn']},
      {id: 'hive-unions-allows_union_field_with_all_member_scopes-1', operation: '{ legalName { ... on Payslip { ssn } ... on BankAccount { ssn } } }', as: 'hr:read pay:read pii:read bank:read', kept: ['query/legalName<BankAccount>/ssn', 'query/legalName<Payslip>/ssn']},
    ],
  },
  {
    schema: `
      type Query { legalName: Employee! }
      union Employee = Payslip | BankAccount
      type Payslip { ssn: String }
      type BankAccount { homeAddress: String }`,
    requires: {Payslip: 'hr:read+pay:read', BankAccount: 'pii:read+bank:read'},
    cases: [
      {id: 'hive-unions-union_members_are_authorized_independently_of_each_other-1', operation: '{ legalName { ... on Payslip { ssn } ... on BankAccount { homeAddress } } }', as: 'hr:read pay:read', kept: ['query/legalName<Payslip>/ssn']},
      {id: 'hive-unions-union_members_are_authorized_independently_of_each_other-2', operation: '{ legalName { ... on Payslip { ssn } ... on BankAccount { homeAddress } } }', as: 'pii:read bank:read', kept: ['query/legalName<BankAccount>/homeAddress']},
    ],
  },
  {
    schema: `
      type Query { homeAddress: [Payslip!] legalName: Employment salary(arg1: ID!): Employee }
      interface Employee { id: ID! }
      type Payslip implements Employee { id: ID! routingNumber: String accountNumber: String birthDate: Employment jobTitle(arg2: Int = 5): [BankAccount!] }
      type BankAccount { id: ID! accountNumber: String birthDate: Employment }
      type Employment implements Employee { id: ID! ssn: String hireDate: String }`,
    requires: {'Query.legalName': 'hr:read', Employee: 'pay:read', BankAccount: 'pii:read', Employment: 'pay:read', 'Employment.ssn': 'bank:read'},
    cases: [
      {id: 'hive-inline_fragments-removes_inline_fragment_on_unauthorized_type-1', operation: '{ homeAddress { routingNumber } salary(arg1: "id") { id ... on Employment { alias1: id ssn } } }', as: 'anonymous', kept: ['query/homeAddress<Payslip>/routingNumber']},
      {id: 'hive-inline_fragments-removes_unauthorized_field_inside_inline_fragment-1', operation: '{ homeAddress { routingNumber } salary(arg1: "id") { id ... on Employment { alias1: id ssn } } }', as: 'pay:read', kept: ['query/homeAddress<Payslip>/routingNumber', 'query/salary<Employment>/alias1', 'query/salary<Employment>/id', 'query/salary<Payslip>/id']},
      {id: 'hive-inline_fragments-allows_inline_fragment_with_all_required_scopes-1', operation: '{ homeAddress { routingNumber } salary(arg1: "id") { id ... on Employment { alias1: id ssn } } }', as: 'pay:read bank:read', kept: ['query/homeAddress<Payslip>/routingNumber', 'query/salary<Employment>/alias1', 'query/salary<Employment>/id', 'query/salary<Employment>/ssn', 'query/salary<Payslip>/id']},
      {id: 'hive-named_fragments-removes_unauthorized_fields_from_named_fragment-1', operation: '{ homeAddress { routingNumber ...Frag1 } } fragment Frag1 on Payslip { jobTitle { accountNumber } }', as: 'anonymous', kept: ['query/homeAddress<Payslip>/routingNumber']},
      {id: 'hive-named_fragments-removes_entire_named_fragment_when_type_unauthorized-1', operation: '{ homeAddress { routingNumber } salary(arg1: "id") { id ...Frag1 } } fragment Frag1 on Employment { alias1: id ssn }', as: 'anonymous', kept: ['query/homeAddress<Payslip>/routingNumber']},
      {id: 'hive-named_fragments-allows_named_fragment_with_type_scope_removes_unauthorized_field-1', operation: '{ homeAddress { routingNumber } salary(arg1: "id") { id ...Frag1 } } fragment Frag1 on Employment { alias1: id ssn }', as: 'pay:read', kept: ['query/homeAddress<Payslip>/routingNumber', 'query/salary<Employment>/alias1', 'query/salary<Employment>/id', 'query/salary<Payslip>/id']},
      {id: 'hive-named_fragments-allows_named_fragment_with_all_required_scopes-1', operation: '{ homeAddress { routingNumber } salary(arg1: "id") { id ...Frag1 } } fragment Frag1 on Employment { alias1: id ssn }', as: 'pay:read bank:read', kept: ['query/homeAddress<Payslip>/routingNumber', 'query/salary<Employment>/alias1', 'query/salary<Employment>/id', 'query/salary<Employment>/ssn', 'query/salary<Payslip>/id']},
    ],
  },
  {
    schema: `
      type Query { legalName: String ssn(arg1: ID!): Employee! }
      interface Employee { id: ID }
      type Payslip implements Employee { id: ID homeAddress: Int }
      type BankAccount implements Employee { id: ID salary: Int }`,
    requires: {Employee: 'hr:read+pay:read | hr:read+pii:read | bank:read+pay:read | bank:read+pii:read', Payslip: 'hr:read | bank:read', BankAccount: 'pay:read | pii:read'},
    cases: [
      {id: 'hive-variable_cleanup-removes_unused_variable_when_field_removed-1', operation: 'query ($id: ID!) { legalName ssn(arg1: $id) { __typename } }', as: 'anonymous', kept: ['query/legalName']},
    ],
  },
  {
    schema: `
      type Query { salary: [Employee!] routingNumber: BankAccount }
      type Mutation { legalName(arg1: String!, arg2: String!): Employee ssn(arg3: ID!, arg1: String): Employee accountNumber(arg3: ID!): Boolean birthDate(arg4: ID!, arg2: String!): Payslip homeAddress(arg3: ID!): Employee }
      type Employee { id: ID! jobTitle: String hireDate: String phone: BankAccount }
      type Payslip { id: ID! hireDate: String }
      type BankAccount { id: ID! email: String }`,
    requires: {Mutation: 'hr:read', 'Mutation.legalName': 'pay:read', 'Mutation.ssn': 'pay:read', 'Mutation.homeAddress': 'pii:read'},
    cases: [
      {id: 'hive-removes_unauthorized-removes_entire_mutation_without_type_scope-1', operation: 'mutation { legalName(arg1: "Hello", arg2: "World") { id jobTitle } }', as: 'anonymous', kept: []},
      {id: 'hive-removes_unauthorized-removes_mutation_field_without_field_scope-1', operation: 'mutation { legalName(arg1: "Hello", arg2: "World") { id jobTitle } }', as: 'hr:read', kept: []},
      {id: 'hive-removes_unauthorized-removes_specific_mutation_field_keeps_others-1', operation: 'mutation { accountNumber(arg3: "1") legalName(arg1: "Hello", arg2: "World") { id } }', as: 'hr:read', kept: ['mutation/accountNumber']},
      {id: 'hive-removes_unauthorized-removes_multiple_unauthorized_mutation_fields-1', operation: 'mutation { legalName(arg1: "Hello", arg2: "World") { id } homeAddress(arg3: "1") { id } accountNumber(arg3: "2") }', as: 'hr:read', kept: ['mutation/accountNumber']},
      {id: 'hive-allows_with_scopes-allows_mutation_with_type_and_field_scopes-1', operation: 'mutation { legalName(arg1: "Hello", arg2: "World") { id jobTitle } }', as: 'hr:read pay:read', kept: ['mutation/legalName<Employee>/id', 'mutation/legalName<Employee>/jobTitle']},
      {id: 'hive-allows_with_scopes-allows_mutation_field_without_additional_scope-1', operation: 'mutation { accountNumber(arg3: "1") birthDate(arg4: "1", arg2: "Nice!") { id } }', as: 'hr:read', kept: ['mutation/accountNumber', 'mutation/birthDate<Payslip>/id']},
      {id: 'hive-allows_with_scopes-allows_multiple_mutations_with_different_scopes-1', operation: 'mutation { legalName(arg1: "Hello", arg2: "World") { id } homeAddress(arg3: "1") { id } }', as: 'hr:read pay:read pii:read', kept: ['mutation/homeAddress<Employee>/id', 'mutation/legalName<Employee>/id']},
      {id: 'hive-mixed_authorization-allows_some_mutations_removes_others-1', operation: 'mutation { legalName(arg1: "Hello", arg2: "World") { id jobTitle } accountNumber(arg3: "2") homeAddress(arg3: "3") { id } }', as: 'hr:read pay:read', kept: ['mutation/accountNumber', 'mutation/legalName<Employee>/id', 'mutation/legalName<Employee>/jobTitle']},
      {id: 'hive-with_variables-removes_unused_variables_in_mutation-1', operation: 'mutation ($title: String!, $content: String!, $id: ID!) { legalName(arg1: $title, arg2: $content) { id jobTitle } accountNumber(arg3: $id) }', as: 'hr:read', kept: ['mutation/accountNumber']},
      {id: 'hive-with_variables-keeps_all_variables_when_mutations_authorized-1', operation: 'mutation ($title: String!, $content: String!) { legalName(arg1: $title, arg2: $content) { id jobTitle } }', as: 'hr:read pay:read', kept: ['mutation/legalName<Employee>/id', 'mutation/legalName<Employee>/jobTitle']},
    ],
  },
  {
    schema: `
      type Query { legalName: [Employee!] }
      type Mutation { ssn(arg1: String!, arg2: String!): Employee homeAddress(arg3: String!): Payslip }
      type Employee { id: ID! salary: String }
      type Payslip { id: ID! routingNumber: String }`,
    requires: {Payslip: 'hr:read'},
    cases: [
      {id: 'hive-return_type_authorization-removes_mutation_when_return_type_unauthorized-1', operation: 'mutation { homeAddress(arg3: "john") { id routingNumber } }', as: 'anonymous', kept: []},
      {id: 'hive-return_type_authorization-allows_mutation_when_return_type_authorized-1', operation: 'mutation { homeAddress(arg3: "john") { id routingNumber } }', as: 'hr:read', kept: ['mutation/homeAddress<Payslip>/id', 'mutation/homeAddress<Payslip>/routingNumber']},
      {id: 'hive-return_type_authorization-allows_authorized_mutation_removes_unauthorized_return_fields-1', operation: 'mutation { ssn(arg1: "Hello", arg2: "World") { id salary } homeAddress(arg3: "john") { id routingNumber } }', as: 'anonymous', kept: ['mutation/ssn<Employee>/id', 'mutation/ssn<Employee>/salary']},
    ],
  },
  {
    schema: `
      type Query { homeAddress: [Employee!] legalName: Payslip ssn: BankAccount }
      type Mutation { salary(arg1: String!): Employee routingNumber(arg2: String!): BankAccount }
      type Employee { id: ID! accountNumber: String birthDate: Payslip }
      type Payslip { id: ID! jobTitle: String hireDate: String }
      type BankAccount { id: ID! phone: String email: String }`,
    requires: {'Query.legalName': 'authenticated', 'Query.ssn': 'authenticated', Payslip: 'authenticated'},
    cases: [
      {id: 'hive-field_level-removes_authenticated_field_when_unauthenticated-1', operation: '{ homeAddress { id accountNumber } legalName { id jobTitle } }', as: 'anonymous', kept: ['query/homeAddress<Employee>/accountNumber', 'query/homeAddress<Employee>/id']},
      {id: 'hive-field_level-allows_authenticated_field_when_authenticated-1', operation: '{ homeAddress { id } legalName { id jobTitle } }', as: '', kept: ['query/homeAddress<Employee>/id', 'query/legalName<Payslip>/id', 'query/legalName<Payslip>/jobTitle']},
      {id: 'hive-field_level-removes_authenticated_field_with_authenticated_return_type-1', operation: '{ ssn { id phone } }', as: 'anonymous', kept: []},
      {id: 'hive-type_level-removes_field_when_return_type_requires_authentication-1', operation: '{ homeAddress { id accountNumber birthDate { id jobTitle } } }', as: 'anonymous', kept: ['query/homeAddress<Employee>/accountNumber', 'query/homeAddress<Employee>/id']},
      {id: 'hive-type_level-allows_authenticated_type_when_authenticated-1', operation: '{ homeAddress { id birthDate { id jobTitle } } }', as: '', kept: ['query/homeAddress<Employee>/birthDate<Payslip>/id', 'query/homeAddress<Employee>/birthDate<Payslip>/jobTitle', 'query/homeAddress<Employee>/id']},
      {id: 'hive-with_variables-removes_unused_variables_when_authenticated_field_removed-1', operation: 'query ($name: String!) { homeAddress { id } ssn { phone } }', as: 'anonymous', kept: ['query/homeAddress<Employee>/id']},
    ],
  },
  {
    schema: `
      type Query { legalName: [Employee!] }
      type Mutation { ssn(arg1: String!): Employee homeAddress(arg2: String!): Payslip }
      type Employee { id: ID! salary: String }
      type Payslip { id: ID! routingNumber: String }`,
    requires: {Mutation: 'authenticated'},
    cases: [
      {id: 'hive-mutation_type_level-removes_entire_mutation_type_when_unauthenticated-1', operation: 'mutation { ssn(arg1: "Hello") { id salary } }', as: 'anonymous', kept: []},
      {id: 'hive-mutation_type_level-allows_mutation_type_when_authenticated-1', operation: 'mutation { ssn(arg1: "Hello") { id salary } }', as: '', kept: ['mutation/ssn<Employee>/id', 'mutation/ssn<Employee>/salary']},
      {id: 'hive-mutation_type_level-removes_all_mutation_fields_when_mutation_type_unauthenticated-1', operation: 'mutation { ssn(arg1: "Hello") { id } homeAddress(arg2: "John") { id routingNumber } }', as: 'anonymous', kept: []},
    ],
  },
  {
    schema: `
      type Query { legalName: [Employee!] ssn: Payslip }
      type Employee { id: ID! homeAddress: String }
      type Payslip { id: ID! salary: String }`,
    requires: {Query: 'authenticated'},
    cases: [
      {id: 'hive-query_type_level-removes_entire_query_type_when_unauthenticated-1', operation: '{ legalName { id homeAddress } }', as: 'anonymous', kept: []},
      {id: 'hive-query_type_level-allows_query_type_when_authenticated-1', operation: '{ legalName { id homeAddress } }', as: '', kept: ['query/legalName<Employee>/homeAddress', 'query/legalName<Employee>/id']},
      {id: 'hive-query_type_level-removes_all_query_fields_when_query_type_unauthenticated-1', operation: '{ legalName { id } ssn { id salary } }', as: 'anonymous', kept: []},
    ],
  },
  {
    schema: `
      type Query { legalName: Employee! ssn: [Payslip!] }
      type Employee { id: ID! homeAddress: String }
      type Payslip { id: ID! salary: String }`,
    requires: {Query: 'authenticated'},
    cases: [
      {id: 'hive-non_nullable_root_fields-marks_non_nullable_query_field_correctly-1', operation: '{ legalName { id homeAddress } }', as: 'anonymous', kept: []},
      {id: 'hive-non_nullable_root_fields-allows_non_nullable_field_when_authenticated-1', operation: '{ legalName { id homeAddress } }', as: '', kept: ['query/legalName<Employee>/homeAddress', 'query/legalName<Employee>/id']},
      {id: 'hive-non_nullable_root_fields-handles_multiple_non_nullable_fields-1', operation: '{ legalName { id } ssn { id } }', as: 'anonymous', kept: []},
    ],
  },
  {
    schema: `
      type Query { legalName: [Payslip!] }
      type Mutation { ssn(arg1: String!): Employee! homeAddress(arg2: ID!): Boolean }
      type Employee { id: ID! salary: String }
      type Payslip { id: ID! routingNumber: String }`,
    requires: {Mutation: 'authenticated'},
    cases: [
      {id: 'hive-non_nullable_root_fields-marks_non_nullable_mutation_field_correctly-1', operation: 'mutation { ssn(arg1: "Alice") { id salary } }', as: 'anonymous', kept: []},
      {id: 'hive-non_nullable_root_fields-nullable_mutation_field_when_type_unauthorized-1', operation: 'mutation { homeAddress(arg2: "123") }', as: 'anonymous', kept: []},
    ],
  },
  {
    schema: `
      type Query { legalName: Employee! ssn: Employee homeAddress: [Payslip!]! salary: [Payslip!] }
      type Employee { id: ID! routingNumber: String }
      type Payslip { id: ID! accountNumber: String }`,
    requires: {Query: 'authenticated'},
    cases: [
      {id: 'hive-non_nullable_root_fields-handles_mixed_nullability_in_query-1', operation: '{ legalName { id } ssn { id } homeAddress { id } salary { id } }', as: 'anonymous', kept: []},
    ],
  },
  {
    schema: `
      type Query { homeAddress: String legalName: Employee! ssn: Employee }
      type Employee { id: ID! salary: String }`,
    requires: {'Query.legalName': 'authenticated', 'Query.ssn': 'authenticated'},
    cases: [
      {id: 'hive-non_nullable_root_fields-field_level_non_nullable_triggers_bubbling-1', operation: '{ homeAddress legalName { id salary } ssn { id } }', as: 'anonymous', kept: ['query/homeAddress']},
    ],
  },
  {
    schema: `
      type Query { ssn: Employee homeAddress: String }
      type Employee { id: ID! salary: Payslip }
      type Payslip { legalName: String! }`,
    requires: {'Payslip.legalName': 'authenticated'},
    cases: [
      {id: 'hive-non_nullable_root_fields-bubbling_stops_at_nearest_nullable_ancestor-1', operation: '{ ssn { id salary { legalName } } homeAddress }', as: 'anonymous', kept: ['query/homeAddress', 'query/ssn<Employee>/id']},
    ],
  },
  {
    schema: `
      type Query { legalName: [Employee!] ssn: Payslip }
      type Mutation { homeAddress(arg1: String!): Employee }
      type Employee { id: ID! salary: String }
      type Payslip { id: ID! routingNumber: String }`,
    requires: {Query: 'authenticated', Mutation: 'authenticated'},
    cases: [
      {id: 'hive-mutation_and_query_type_combined-removes_query_and_mutation_when_unauthenticated-1', operation: '{ legalName { id } }', as: 'anonymous', kept: []},
      {id: 'hive-mutation_and_query_type_combined-removes_query_and_mutation_when_unauthenticated-2', operation: 'mutation { homeAddress(arg1: "Hello") { id } }', as: 'anonymous', kept: []},
      {id: 'hive-mutation_and_query_type_combined-allows_both_query_and_mutation_when_authenticated-1', operation: '{ legalName { id } }', as: '', kept: ['query/legalName<Employee>/id']},
      {id: 'hive-mutation_and_query_type_combined-allows_both_query_and_mutation_when_authenticated-2', operation: 'mutation { homeAddress(arg1: "Hello") { id } }', as: '', kept: ['mutation/homeAddress<Employee>/id']},
    ],
  },
  {
    schema: `
      type Query { salary: [Employee!] legalName: Payslip }
      type Employee { id: ID! routingNumber: String ssn: String }
      type Payslip { homeAddress: [BankAccount!] accountNumber: Employment }
      type BankAccount { id: ID! birthDate: String }
      type Employment { jobTitle: String }`,
    requires: {'Query.legalName': 'authenticated & hr:read', 'Employee.ssn': 'pay:read', Payslip: 'authenticated', 'Payslip.homeAddress': 'pii:read'},
    cases: [
      {id: 'hive-combined_with_scopes-removes_field_without_authentication-1', operation: '{ salary { id routingNumber } legalName { accountNumber { jobTitle } } }', as: 'anonymous', kept: ['query/salary<Employee>/id', 'query/salary<Employee>/routingNumber']},
      {id: 'hive-combined_with_scopes-removes_field_with_authentication_but_without_scope-1', operation: '{ salary { id } legalName { accountNumber { jobTitle } } }', as: '', kept: ['query/salary<Employee>/id']},
      {id: 'hive-combined_with_scopes-allows_field_with_authentication_and_scope-1', operation: '{ salary { id } legalName { accountNumber { jobTitle } } }', as: 'hr:read', kept: ['query/legalName<Payslip>/accountNumber<Employment>/jobTitle', 'query/salary<Employee>/id']},
      {id: 'hive-combined_with_scopes-removes_nested_field_without_scope_but_keeps_authenticated_parent-1', operation: '{ legalName { homeAddress { id } accountNumber { jobTitle } } }', as: 'hr:read', kept: ['query/legalName<Payslip>/accountNumber<Employment>/jobTitle']},
      {id: 'hive-combined_with_scopes-allows_nested_field_with_all_required_scopes-1', operation: '{ legalName { homeAddress { id birthDate } accountNumber { jobTitle } } }', as: 'hr:read pii:read', kept: ['query/legalName<Payslip>/accountNumber<Employment>/jobTitle', 'query/legalName<Payslip>/homeAddress<BankAccount>/birthDate', 'query/legalName<Payslip>/homeAddress<BankAccount>/id']},
    ],
  },
];
